import { describe, expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { findBuiltIn, type Policy } from '../../shared/domain/policy.ts';
import type { PolicyDocument } from '../../shared/domain/policy-document.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { approvePolicy } from '../../shared/policies/approve-policy.ts';
import { assignPolicy } from '../../shared/policies/assign-policy.ts';
import { listPolicies, policyOf } from '../../shared/policies/find-policy.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const { statute: _, ...BUILT_IN } = findBuiltIn('engagement-10y') as Policy;
const KEEP = { hourly: 0, daily: 35, weekly: 0, monthly: 0, yearly: 0 };
const SECOND: PolicyDocument = { ...BUILT_IN, version: 2, snapshots: { keep: KEEP } };

const withLock = (changes: Partial<PolicyDocument['lock']>): PolicyDocument => ({
  ...SECOND,
  lock: { ...SECOND.lock, ...changes },
});
/** Locks of more than a year, which the copies of this installation accept. */
const LONG = withLock({ horizonDays: 380 });

const registered = (living: MemoryServices, options: { reference?: string } = {}) =>
  registeredVault(living, { policyId: BUILT_IN.id, ...options });

async function backUp(living: MemoryServices, { vaultId }: Vault) {
  const { runId } = await requestBackup(living.services, OPERATOR, vaultId);
  return runBackup(living.services, { vaultId, runId });
}

describe('a version of a policy', () => {
  test('is added after the last one, and the older ones stay as they are', async () => {
    const { services, ledger } = livingInstallation();
    await addPolicy(services, OPERATOR, SECOND);
    await addPolicy(services, OPERATOR, { ...SECOND, version: 3, lingerDays: 10 });
    const versions = (await listPolicies(ledger)).filter(({ policy }) => policy.id === SECOND.id);
    expect(versions.map(({ policy }) => [policy.version, policy.lingerDays])).toEqual([
      [1, 90],
      [2, 90],
      [3, 10],
    ]);
    const pin = { policyId: SECOND.id, policyVersion: 2 };
    expect(await policyOf(ledger, pin)).toMatchObject(SECOND);
  });

  test('of a new policy is the first', async () => {
    const { services } = livingInstallation();
    const first = await addPolicy(services, OPERATOR, { ...SECOND, id: 'own', version: 1 });
    expect(first).toMatchObject({ policyId: 'own', version: 1, approval: 'not-needed' });
    expect(first.createdBy).toBe(OPERATOR);
  });

  test.each([1, 3])('with another number than the next, %i, is refused', async (version) => {
    const { services } = livingInstallation();
    await expect(addPolicy(services, OPERATOR, { ...SECOND, version })).rejects.toMatchObject({
      code: 'POLICY_VERSION_TAKEN',
      data: { policyId: SECOND.id, version, expected: 2 },
    });
  });

  test('that locks for longer than the copies accept is refused, and says how long', async () => {
    const { services } = livingInstallation();
    const over = withLock({ horizonDays: 394 });
    await expect(addPolicy(services, OPERATOR, over)).rejects.toMatchObject({
      code: 'LOCK_OVER_CAP',
      data: { days: 401, maxLockDays: 400 },
    });
    await addPolicy(services, OPERATOR, withLock({ horizonDays: 393 }));
  });

  test.each([
    ['by its grid', { horizonDays: 360, gridDays: 360 }, 'awaited'],
    ['by its renewal and its grid', { minimumDays: 352, horizonDays: 352 }, 'awaited'],
    ['just a year', { horizonDays: 358 }, 'not-needed'],
  ])('that locks for more than a year needs a second person: %s', async (_, lock, approval) => {
    const { services } = livingInstallation();
    const installation = { ...services.installation, maxLockDays: 720 };
    const added = addPolicy({ ...services, installation }, OPERATOR, withLock(lock));
    expect(await added).toMatchObject({ approval });
  });

  test('that locks in full is measured by what it keeps longest', async () => {
    const { services } = livingInstallation();
    const keep = { ...SECOND.snapshots.keep, monthly: 12 };
    const full = { ...withLock({ mode: 'full' }), snapshots: { keep } };
    await expect(addPolicy(services, OPERATOR, full)).rejects.toMatchObject({
      code: 'LOCK_OVER_CAP',
      data: { days: 13 * 31 + 7 },
    });
    const short = { ...full, snapshots: { keep: { ...keep, monthly: 11 } } };
    expect(await addPolicy(services, OPERATOR, short)).toMatchObject({ approval: 'awaited' });
  });

  test('must keep its data where the installation does', async () => {
    const { services } = livingInstallation();
    const china = { ...SECOND, residency: 'cn' };
    await expect(addPolicy(services, OPERATOR, china)).rejects.toMatchObject({
      code: 'RESIDENCY_UNMET',
      data: { residency: 'cn', region: 'eu-central-1' },
    });
    await addPolicy(services, OPERATOR, { ...SECOND, residency: 'eu' });
  });
});

describe('a version that locks for more than a year', () => {
  test('is given to no vault before a second person approves it', async () => {
    const living = livingInstallation();
    const { services } = living;
    const vault = await registered(living);
    expect(await addPolicy(services, OPERATOR, LONG)).toMatchObject({ approval: 'awaited' });
    const given = { policyId: LONG.id, version: 2 };
    await expect(assignPolicy(services, OPERATOR, vault.vaultId, given)).rejects.toMatchObject({
      code: 'POLICY_NOT_APPROVED',
    });
    const body = {
      recordClass: 'other',
      policyId: LONG.id,
      policyVersion: 2,
      source: { kind: 'folder' } as const,
    };
    await expect(registerVault(services, OPERATOR, vault.clientId, body)).rejects.toMatchObject({
      code: 'POLICY_NOT_APPROVED',
    });
    await expect(approvePolicy(services, OPERATOR, LONG.id, { version: 2 })).rejects.toMatchObject({
      code: 'OWN_POLICY',
    });
    expect(await approvePolicy(services, SUPERVISOR, LONG.id, { version: 2 })).toMatchObject({
      approval: 'given',
      approvedBy: SUPERVISOR,
    });
    await assignPolicy(services, OPERATOR, vault.vaultId, given);
    expect(await vaultNow(living, vault.vaultId)).toMatchObject({ policyVersion: 2 });
  });

  test('is passed over by default while it waits', async () => {
    const living = livingInstallation();
    await addPolicy(living.services, OPERATOR, LONG);
    expect(await registered(living)).toMatchObject({ policyVersion: 1 });
    await approvePolicy(living.services, SUPERVISOR, LONG.id, { version: 2 });
    expect(await registered(living, { reference: 'B-2' })).toMatchObject({ policyVersion: 2 });
  });

  test('is approved once, and only when it waits', async () => {
    const { services } = livingInstallation();
    await addPolicy(services, OPERATOR, LONG);
    await approvePolicy(services, SUPERVISOR, LONG.id, { version: 2 });
    await expect(
      approvePolicy(services, SUPERVISOR, LONG.id, { version: 2 }),
    ).rejects.toMatchObject({ code: 'TRANSITION_FORBIDDEN' });
    await expect(
      approvePolicy(services, SUPERVISOR, LONG.id, { version: 3 }),
    ).rejects.toMatchObject({ code: 'POLICY_UNKNOWN' });
  });
});

describe('an assignment', () => {
  test('changes nothing for other vaults, and is in the audit chain', async () => {
    const living = livingInstallation();
    const { services, ledger } = living;
    const [vault, other] = [
      await registered(living),
      await registered(living, { reference: 'B-2' }),
    ];
    await addPolicy(services, OPERATOR, SECOND);
    expect(await vaultNow(living, vault.vaultId)).toMatchObject({ policyVersion: 1 });
    await assignPolicy(services, OPERATOR, vault.vaultId, { policyId: SECOND.id });
    expect(await vaultNow(living, vault.vaultId)).toMatchObject({ policyVersion: 2 });
    expect(await vaultNow(living, other.vaultId)).toMatchObject({ policyVersion: 1 });
    expect((await ledger.get('audit', vault.vaultId, 2))?.record).toMatchObject({
      actor: OPERATOR,
      action: 'policy.assigned',
      details: {
        policyId: SECOND.id,
        policyVersion: 2,
        previousPolicyId: SECOND.id,
        previousPolicyVersion: 1,
      },
    });
  });

  test('of what the vault has already writes nothing', async () => {
    const living = livingInstallation();
    const vault = await registered(living);
    const given = { policyId: SECOND.id, version: 1 };
    const same = await assignPolicy(living.services, OPERATOR, vault.vaultId, given);
    expect(same.audit.count).toBe(1);
  });

  test('of a shorter version shortens no lock and no snapshot that exists', async () => {
    const living = livingInstallation();
    const { services, copies, ledger } = living;
    const vault = await registered(living);
    const location = { bucket: 'records-of-the-firm', prefix: 'A-1/', region: 'eu-central-1' };
    living.sourceAt(location).put('a', 'one');
    const first = await backUp(living, vault);
    const shorter = {
      ...withLock({ minimumDays: 1, horizonDays: 7 }),
      snapshots: { keep: { ...SECOND.snapshots.keep, daily: 2 } },
    };
    await addPolicy(services, OPERATOR, shorter);
    await assignPolicy(services, OPERATOR, vault.vaultId, { policyId: SECOND.id });
    await living.clock.moveTo(new Date('2026-11-03T08:00:00Z'));
    const second = await backUp(living, vault);
    expect(second).toMatchObject({
      policyId: SECOND.id,
      policyVersion: 2,
      tiers: ['daily'],
      retainUntil: '2026-11-05T16:00:00.000Z',
    });
    const kept = await ledger.get('snapshot', vault.vaultId, first.snapshotId);
    expect(kept?.record).toMatchObject({ policyVersion: 1, retainUntil: first.retainUntil });
    for await (const { record: pack } of ledger.list('pack', { vaultId: vault.vaultId })) {
      for (const name of ['primary', 'secondary'] as const) {
        const state = await copies[name].inspect(pack.key, pack.versions[name] ?? '');
        expect(state?.lockedUntil?.toISOString()).toBe(first.lockedUntil);
      }
    }
  });

  test('begins the tiers anew: the first snapshot under another version carries all', async () => {
    const living = livingInstallation();
    const vault = await registered(living);
    await backUp(living, vault);
    const keep = { hourly: 0, daily: 35, weekly: 0, monthly: 0, yearly: 3 };
    await addPolicy(living.services, OPERATOR, { ...SECOND, snapshots: { keep } });
    await assignPolicy(living.services, OPERATOR, vault.vaultId, { policyId: SECOND.id });
    expect(await backUp(living, vault)).toMatchObject({ tiers: ['daily', 'yearly'] });
  });

  test('does not reach a run that has begun', async () => {
    const living = livingInstallation();
    const { services } = living;
    const vault = await registered(living);
    const { runId } = await requestBackup(services, OPERATOR, vault.vaultId);
    const stopped = {
      ...services,
      openSource: () => {
        throw new Error('stopped');
      },
    };
    await expect(runBackup(stopped, { vaultId: vault.vaultId, runId })).rejects.toThrow('stopped');
    await addPolicy(services, OPERATOR, SECOND);
    await assignPolicy(services, OPERATOR, vault.vaultId, { policyId: SECOND.id });
    const snapshot = await runBackup(services, { vaultId: vault.vaultId, runId });
    expect(snapshot.policyVersion).toBe(1);
  });

  test('is refused for a vault that is about to be erased', async () => {
    const living = livingInstallation();
    const vault = await registered(living);
    const stored = await living.ledger.get('vault', vault.vaultId);
    const pending = { ...vault, state: 'ERASE_PENDING' as const };
    await living.ledger.write([{ record: pending, expect: stored?.version ?? 0 }]);
    const given = { policyId: 'consent-only' };
    await expect(
      assignPolicy(living.services, OPERATOR, vault.vaultId, given),
    ).rejects.toMatchObject({ code: 'POLICY_FIXED' });
  });
});
