import { describe, expect, test } from 'vitest';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { requireCertificate } from '../../shared/certificate/find-certificate.ts';
import { renderPage } from '../../shared/certificate/page/render-page.ts';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved, cancelled, erasureNow, keyStates } from '../support/erasing.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';

/** A vault of the tier with a backup, whose erasure is approved and scheduled: 7 days to go. */
async function scheduledVault() {
  const living = livingInstallation();
  const tier = 'shared-root' as const;
  const vault = await registeredVault(living, { policyId: 'consent-only', tier });
  await backUp(living, vault);
  const erasure = await approved(living, vault);
  expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
  return { living, vault, erasure };
}

describe('the erasure of a vault whose keys are entries', () => {
  test('deletes them when their time is over, with no event to wait for', async () => {
    const { living, vault, erasure } = await scheduledVault();
    await living.clock.moveDays(6);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
    await living.clock.moveDays(1);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Gone', 'Gone']);
    const { state, evidence } = await erasureNow(living, erasure);
    expect(state).toBe('DESTROYED');
    expect(evidence).toMatchObject({
      primary: { kind: 'entry-deleted', region: 'eu-central-1' },
      secondary: { kind: 'entry-deleted', region: 'eu-west-1' },
    });
    expect(await confirmDueErasures(living.services)).toBe(1);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASED');
  });

  test('is not complete while one Region still has its entry', async () => {
    const { living, vault, erasure } = await scheduledVault();
    await living.clock.moveDays(7);
    living.custody.available.secondary = false;
    await expect(advanceDueErasures(living.services)).rejects.toMatchObject({
      code: 'KEYS_UNAVAILABLE',
    });
    expect((await erasureNow(living, erasure)).state).toBe('SCHEDULED');
    expect(await confirmDueErasures(living.services)).toBe(0);
    living.custody.available.secondary = true;
    await advanceDueErasures(living.services);
    await confirmDueErasures(living.services);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASED');
  });

  test('stops for a hold on the last day, and goes on after it', async () => {
    const { living, vault } = await scheduledVault();
    await living.clock.moveDays(6);
    const terms = { reason: 'lawsuit', reference: '2026-17' };
    await placeHold(living.services, OPERATOR, vault.vaultId, terms);
    await living.clock.moveDays(2);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
  });

  test('can be cancelled until then, and the vault is backed up again', async () => {
    const { living, vault, erasure } = await scheduledVault();
    await living.clock.moveDays(6);
    await cancelled(living, erasure);
    await living.clock.moveDays(8);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    await backUp(living, await vaultNow(living, vault.vaultId));
  });

  test('is certified with its tier and the weaker proof, in both languages', async () => {
    const { living, vault, erasure } = await scheduledVault();
    await living.clock.moveDays(7);
    await advanceDueErasures(living.services);
    await confirmDueErasures(living.services);
    await certifyDueErasures(living.services, TOOL_VERSION);
    const { certificateId } = await erasureNow(living, erasure);
    const { signed } = await requireCertificate(
      living.services,
      vault.vaultId,
      certificateId ?? '',
    );
    const verified = await verifyCertificate(signed?.jws ?? '', await living.signing.publicKey());
    expect(verified.certificate).toMatchObject({
      destroyed: { keys: vault.keys },
      method: { tier: 'shared-root' },
      evidence: { primary: { kind: 'entry-deleted' }, secondary: { kind: 'entry-deleted' } },
      probes: { primary: { answer: 'BranchKeyAbsent' } },
    });
    expect(verified.certificate.outOfScope.provider).toContain('No event of AWS');
    expect(renderPage(verified, 'en')).toContain('a weaker proof');
    expect(renderPage(verified, 'zh')).toContain('条目已删除');
  });
});
