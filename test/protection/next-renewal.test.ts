import { describe, expect, test } from 'vitest';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { assignPolicy } from '../../shared/policies/assign-policy.ts';
import { snapshotProtection } from '../../shared/protection/snapshot-protection.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { requireVerification } from '../../shared/verify/end-verification.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { closableVault, closed, verified } from '../support/closing-world.ts';
import { LAWSUIT } from '../support/holding-world.ts';
import { FIVE_WEEKS, OPERATOR } from '../support/living-installation.ts';

/** A vault with a second snapshot of the day: its lock lasts about a week. */
async function withExtra(policyId = 'engagement-10y') {
  const { world, vault } = await closableVault(policyId);
  const extra = await backUp(world, vault);
  const protection = () => snapshotProtection(world.services, extra);
  return { world, vault, extra, protection };
}

describe('a snapshot that is to be kept longer than its locks last', () => {
  test('is sound until the next renewal, once it is held', async () => {
    const { world, vault, extra, protection } = await withExtra();
    // As if S3 did not know of the hold yet.
    world.pipeline.wire({ holds: async () => {} });
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    const before = await protection();
    expect(before).toMatchObject({ state: 'protected', copies: { primary: { short: 0 } } });
    expect(before.copies.secondary.due).toBeGreaterThan(0);
    const { vaultId } = vault;
    const verificationId = await verified(world, extra);
    const { record } = await requireVerification(world.services, { vaultId, verificationId });
    expect(record).toMatchObject({ state: 'SUCCEEDED', findingCount: 0 });
    await renewLocks(world.services, () => true);
    expect(await protection()).toMatchObject({
      state: 'protected',
      copies: { primary: { due: 0 } },
    });
  });

  test('is damaged when two days have passed without a renewal', async () => {
    const { world, vault, protection } = await withExtra();
    world.pipeline.wire({ holds: async () => {} });
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    await world.clock.moveDays(3);
    expect(await protection()).toMatchObject({ state: 'damaged', copies: { primary: { due: 0 } } });
  });

  test('is sound under a legal hold of S3, whatever its lock', async () => {
    const { world, vault, protection } = await withExtra();
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    await world.clock.moveDays(3);
    expect(await protection()).toMatchObject({
      state: 'protected',
      copies: { primary: { due: 0 } },
    });
  });

  test('is the final one of a vault that is held for long', async () => {
    const { world, vault } = await closableVault('engagement-10y');
    world.pipeline.wire({ holds: async () => {} });
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    await world.clock.moveDays(30);
    await backUp(world, vault);
    const extra = await backUp(world, vault);
    expect(await closed(world, extra, 'retain')).toMatchObject({ state: 'CLOSED' });
    const { state, copies } = await snapshotProtection(world.services, extra);
    expect([state, copies.primary.short]).toEqual(['protected', 0]);
    expect(copies.primary.due).toBeGreaterThan(0);
  });

  test('is sound until the next renewal, once a policy with longer locks is assigned', async () => {
    const { world, vault, protection } = await withExtra('consent-only');
    const lock = { ...FIVE_WEEKS.lock, minimumDays: 60, horizonDays: 90 };
    await addPolicy(world.services, OPERATOR, { ...FIVE_WEEKS, id: 'longer', lock });
    await assignPolicy(world.services, OPERATOR, vault.vaultId, { policyId: 'longer' });
    expect((await protection()).state).toBe('protected');
  });
});
