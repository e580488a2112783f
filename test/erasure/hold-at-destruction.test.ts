import { describe, expect, test } from 'vitest';
import { KEY_TIERS } from '../../shared/domain/key-tier.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { placeClientHold, placeHold } from '../../shared/holds/place-hold.ts';
import type { KeyDestruction } from '../../shared/ports/key-custody.ts';
import type { Services } from '../../shared/ports/services.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { approved, cancelled, erasureNow, keyStates } from '../support/erasing.ts';
import { LAWSUIT, release } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

/** A vault of branch keys whose deletion is due now. */
async function dueVault() {
  const living = livingInstallation();
  const tier = 'shared-root' as const;
  const vault = await registeredVault(living, { policyId: 'consent-only', tier });
  const erasure = await approved(living, vault);
  await living.clock.moveDays(7);
  return { living, vault, erasure };
}

/** Services of an eraser to whom something happens just before its first call of a kind. */
function interrupted(
  { services }: MemoryServices,
  call: 'scheduleDeletion' | 'destroyDue',
  happening: () => Promise<unknown>,
): Services {
  let happened: Promise<unknown> | undefined;
  const destruction = new Proxy(services.destruction, {
    get(target, name) {
      const member = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        if (name === call) {
          happened ??= happening();
          await happened;
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { ...services, destruction: destruction as KeyDestruction };
}

const hold = ({ services }: MemoryServices, { vaultId }: Vault) =>
  placeHold(services, OPERATOR, vaultId, LAWSUIT);

async function actionsOf({ ledger }: MemoryServices, { vaultId }: Vault): Promise<string[]> {
  return Array.fromAsync(ledger.list('audit', { chainId: vaultId }), ({ record }) => record.action);
}

test.each(KEY_TIERS)('a hold in the very moment of scheduling wins, tier %s', async (tier) => {
  const living = livingInstallation();
  const vault = await registeredVault(living, { tier });
  const erasure = await approved(living, vault);
  await living.clock.moveDays(3);
  const eraser = interrupted(living, 'scheduleDeletion', () => hold(living, vault));
  await advanceDueErasures(eraser);
  await living.clock.moveDays(60);
  await advanceDueErasures(living.services);
  expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
  expect((await erasureNow(living, erasure)).state).toBe('SUSPENDED');
});

describe('a hold in the very moment of the destruction', () => {
  test('wins when the eraser has looked, and not yet written that it deletes', async () => {
    const { living, vault, erasure } = await dueVault();
    const eraser = interrupted(living, 'scheduleDeletion', () => hold(living, vault));
    await advanceDueErasures(eraser);
    await living.clock.moveDays(60);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect((await erasureNow(living, erasure)).state).toBe('SUSPENDED');
    expect((await vaultNow(living, vault.vaultId)).holds).toBe(1);
  });

  test('is refused with the time when that is written, although both keys are there', async () => {
    const { living, vault, erasure } = await dueVault();
    let refusal: unknown;
    const eraser = interrupted(living, 'destroyDue', async () => {
      expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
      expect((await erasureNow(living, erasure)).state).toBe('DESTROYING');
      refusal = await hold(living, vault).catch((error) => error);
    });
    await advanceDueErasures(eraser);
    expect(refusal).toMatchObject({
      code: 'DESTRUCTION_BEGUN',
      data: { vaultId: vault.vaultId, at: '2026-11-09T08:00:00.000Z' },
      message: expect.stringContaining('has begun at 2026-11-09T08:00:00.000Z'),
    });
    expect(await keyStates(living, vault)).toEqual(['Gone', 'Gone']);
    expect((await vaultNow(living, vault.vaultId)).holds).toBe(0);
    const actions = await actionsOf(living, vault);
    expect(actions).not.toContain('hold.placed');
    expect(actions.slice(-2)).toEqual(['erasure.destroying', 'erasure.absence-observed']);
  });

  test('is refused between the two Regions as well, and so is a cancellation', async () => {
    const { living, vault, erasure } = await dueVault();
    const eraser = interrupted(living, 'destroyDue', async () => {
      living.custody.available.secondary = false;
    });
    const unreachable = { code: 'KEYS_UNAVAILABLE' };
    await expect(advanceDueErasures(eraser)).rejects.toMatchObject(unreachable);
    expect((await erasureNow(living, erasure)).state).toBe('DESTROYING');
    await expect(hold(living, vault)).rejects.toMatchObject({ code: 'DESTRUCTION_BEGUN' });
    await expect(cancelled(living, erasure)).rejects.toMatchObject({ code: 'TOO_LATE_TO_CANCEL' });
    await living.clock.moveDays(1);
    await expect(advanceDueErasures(living.services)).rejects.toMatchObject(unreachable);
    expect(living.telemetry.total('ErasureOverdueHours')).toBe(21);
    living.custody.available.secondary = true;
    await advanceDueErasures(living.services);
    expect(await confirmDueErasures(living.services)).toBe(1);
    expect(await keyStates(living, vault)).toEqual(['Gone', 'Gone']);
  });

  test('on the client leaves that vault out, with an entry, and holds the others', async () => {
    const { living, vault } = await dueVault();
    const { clientId } = vault;
    const other = await registerVault(living.services, OPERATOR, clientId, {
      recordClass: 'payroll',
      policyId: 'consent-only',
      source: { kind: 'folder' },
    });
    const eraser = interrupted(living, 'destroyDue', () =>
      placeClientHold(living.services, OPERATOR, clientId, LAWSUIT),
    );
    await advanceDueErasures(eraser);
    expect((await vaultNow(living, vault.vaultId)).holds).toBe(0);
    expect((await vaultNow(living, other.vaultId)).holds).toBe(1);
    expect(await actionsOf(living, vault)).toContain('request.denied');
  });

  test('that was released before does not shorten the waiting that begins anew', async () => {
    const { living, vault } = await dueVault();
    await release(living, await hold(living, vault));
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
  });
});

test('a hold on a vault whose keys KMS has destroyed is refused before it is proved', async () => {
  const living = livingInstallation();
  const vault = await registeredVault(living, { policyId: 'consent-only' });
  await approved(living, vault);
  await living.clock.moveDays(7);
  await expect(hold(living, vault)).rejects.toMatchObject({
    code: 'DESTRUCTION_BEGUN',
    data: { at: '2026-11-09T08:00:00.000Z' },
  });
});
