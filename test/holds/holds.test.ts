import { describe, expect, test } from 'vitest';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { releaseHold } from '../../shared/holds/release-hold.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';

const LAWSUIT = { reason: 'lawsuit', reference: '2026-17' };

describe('holds', () => {
  test('are counted, so that several can be in force at once', async () => {
    const living = livingInstallation();
    const { vaultId } = await registeredVault(living);
    const first = await placeHold(living.services, OPERATOR, vaultId, LAWSUIT);
    await placeHold(living.services, SUPERVISOR, vaultId, LAWSUIT);
    expect((await vaultNow(living, vaultId)).holds).toBe(2);
    await releaseHold(living.services, SUPERVISOR, vaultId, first.holdId);
    expect((await vaultNow(living, vaultId)).holds).toBe(1);
  });

  test('are released by a second person only', async () => {
    const living = livingInstallation();
    const { vaultId } = await registeredVault(living);
    const { holdId } = await placeHold(living.services, OPERATOR, vaultId, LAWSUIT);
    await expect(releaseHold(living.services, OPERATOR, vaultId, holdId)).rejects.toMatchObject({
      code: 'OWN_HOLD',
    });
    const released = await releaseHold(living.services, SUPERVISOR, vaultId, holdId);
    expect(released).toMatchObject({ releasedBy: SUPERVISOR, placedBy: OPERATOR });
  });

  test('cannot be released twice', async () => {
    const living = livingInstallation();
    const { vaultId } = await registeredVault(living);
    const { holdId } = await placeHold(living.services, OPERATOR, vaultId, LAWSUIT);
    await releaseHold(living.services, SUPERVISOR, vaultId, holdId);
    await expect(releaseHold(living.services, SUPERVISOR, vaultId, holdId)).rejects.toMatchObject({
      code: 'HOLD_UNKNOWN',
    });
    expect((await vaultNow(living, vaultId)).holds).toBe(0);
  });

  test('placed at the same moment are all counted', async () => {
    const living = livingInstallation();
    const { vaultId } = await registeredVault(living);
    const { services } = living;
    await Promise.all([1, 2, 3].map(() => placeHold(services, OPERATOR, vaultId, LAWSUIT)));
    expect((await vaultNow(living, vaultId)).holds).toBe(3);
  });
});
