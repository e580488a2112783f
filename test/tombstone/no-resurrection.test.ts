import { describe, expect, test } from 'vitest';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { pseudonymOf } from '../../shared/certificate/pseudonym.ts';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import { COPY_NAMES, otherCopy } from '../../shared/domain/copy-name.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import type { Certificate } from '../../shared/format/certificate.ts';
import { certificateKey, tombstoneKey } from '../../shared/format/object-keys.ts';
import { readObject } from '../../shared/proof/read-object.ts';
import { renewProofs } from '../../shared/proof/renew-proofs.ts';
import { beginPush } from '../../shared/push/begin-push.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { findTombstone } from '../../shared/tombstone/find-tombstone.ts';
import { reconcileErased } from '../../shared/tombstone/reconcile-erased.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved } from '../support/erasing.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
} from '../support/living-installation.ts';
import type { MemoryLedger } from '../support/memory-ledger.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { withLedger } from '../support/put-back-ledger.ts';

const always = () => true;

/** An installation whose vault was erased and certified, and its ledger as it was before. */
async function afterErasure() {
  const living = livingInstallation();
  const vault = await registeredVault(living, { policyId: 'consent-only' });
  await backUp(living, vault);
  const yesterday = living.ledger.copy();
  await approved(living, vault);
  await advanceDueErasures(living.services);
  const scheduled = living.ledger.copy();
  await living.clock.moveDays(8);
  await confirmDueErasures(living.services);
  await certifyDueErasures(living.services, TOOL_VERSION);
  const certified = living.ledger.copy();
  return { living, vault, yesterday, scheduled, certified };
}

/** A year passes: the locks end, the sweep removes what they kept, and that is certified. */
async function liveOn({ services, clock }: MemoryServices): Promise<number> {
  await clock.moveDays(400);
  await renewProofs(services, always);
  await sweepCopies(services, () => true);
  const issued = await certifyDueErasures(services, TOOL_VERSION);
  return issued + (await certifyDueErasures(services, TOOL_VERSION));
}

/** The certificates that lie in the primary copy, verified, in the order of their ids. */
async function certificatesIn({ copies, signing }: MemoryServices): Promise<Certificate[]> {
  const publicKey = await signing.publicKey();
  const listed = await Array.fromAsync(copies.primary.list('certificates/'));
  return Promise.all(
    listed.map(async ({ key, versionId }) => {
      const bytes = await readObject(copies.primary, key, versionId);
      return (await verifyCertificate(bytes.toString('utf8'), publicKey)).certificate;
    }),
  );
}

async function tombstoneText({ copies }: MemoryServices, { vaultId }: Vault): Promise<string> {
  const [listed] = await Array.fromAsync(copies.primary.list(tombstoneKey(vaultId)));
  const body = await copies.primary.read(listed?.key ?? '', listed?.versionId ?? '');
  return Buffer.concat((await Array.fromAsync(body)) as Buffer[]).toString('utf8');
}

const stateOf = async (ledger: MemoryLedger, { vaultId }: Vault) =>
  (await ledger.get('vault', vaultId))?.record;

describe("yesterday's ledger, restored after an erasure", () => {
  test('believes that the vault lives, and is not believed', async () => {
    const { living, vault, yesterday } = await afterErasure();
    const restored = withLedger(living, yesterday);
    expect((await stateOf(yesterday, vault))?.state).toBe('ACTIVE');
    const refusal = { code: 'VAULT_UNREADABLE', data: { state: 'ERASED' } };
    const target = { target: { kind: 'folder' as const }, patterns: [], from: 'any' as const };
    await expect(
      requestRestore(restored.services, OPERATOR, vault.vaultId, { ...target, overwrite: false }),
    ).rejects.toMatchObject(refusal);
    await expect(backUp(restored, vault)).rejects.toMatchObject(refusal);
    await expect(beginPush(restored.services, OPERATOR, vault.vaultId)).rejects.toMatchObject(
      refusal,
    );
  });

  test.each(['yesterday', 'scheduled'] as const)(
    '(%s) learns that the vault is erased',
    async (when) => {
      const made = await afterErasure();
      const restored = withLedger(made.living, made[when]);
      expect(await reconcileErased(restored.services, always)).toMatchObject({ reconciled: 1 });
      expect(await stateOf(made[when], made.vault)).toMatchObject({
        state: 'ERASED',
        nextBackupAt: null,
        activeRun: null,
      });
      expect(await reconcileErased(restored.services, always)).toMatchObject({ reconciled: 0 });
    },
  );

  test('gets its certificate back from the copies, and issues no other one', async () => {
    const { living, vault, scheduled } = await afterErasure();
    const restored = withLedger(living, scheduled);
    await reconcileErased(restored.services, always);
    const tombstone = await findTombstone(living.services, vault.vaultId);
    const [known] = await Array.fromAsync(
      scheduled.list('certificate', { vaultId: vault.vaultId }),
    );
    expect(known?.record).toMatchObject({
      certificateId: tombstone?.certificateId,
      issuedAt: expect.any(String),
    });
    expect(await certifyDueErasures(restored.services, TOOL_VERSION)).toBe(0);
    expect(await Array.fromAsync(living.copies.primary.list('certificates/'))).toHaveLength(1);
  });

  test('and erased again before it was compared, issues no second certificate', async () => {
    const { living, vault, scheduled } = await afterErasure();
    const restored = withLedger(living, scheduled);
    // KMS knows the keys no longer; two days after their date that is the evidence.
    await living.clock.moveDays(3);
    await advanceDueErasures(restored.services);
    await confirmDueErasures(restored.services);
    expect((await stateOf(scheduled, vault))?.state).toBe('ERASED');
    expect(await certifyDueErasures(restored.services, TOOL_VERSION)).toBe(0);
    expect(await reconcileErased(restored.services, always)).toMatchObject({ reconciled: 1 });
    expect(await certifyDueErasures(restored.services, TOOL_VERSION)).toBe(0);
    const { vaultId } = vault;
    const [known, ...others] = await Array.fromAsync(scheduled.list('certificate', { vaultId }));
    const tombstone = await findTombstone(living.services, vault.vaultId);
    expect(known?.record.certificateId).toBe(tombstone?.certificateId);
    expect(others).toEqual([]);
  });

  test('does not let the client get a vault under the erased id again', async () => {
    const { living, vault, yesterday } = await afterErasure();
    yesterday.lose('vault', vault.vaultId);
    const restored = withLedger(living, yesterday);
    const body = {
      recordClass: vault.recordClass,
      policyId: 'consent-only',
      source: { kind: 'folder' as const },
    };
    await expect(
      registerVault(restored.services, OPERATOR, vault.clientId, body),
    ).rejects.toMatchObject({ code: 'VAULT_UNREADABLE' });
  });
});

describe.each(['yesterday', 'scheduled', 'certified'] as const)('a ledger as of %s', (when) => {
  test('restored before the ciphertext went, issues the second certificate', async () => {
    const made = await afterErasure();
    const restored = withLedger(made.living, made[when]);
    await reconcileErased(restored.services, always);
    expect(await liveOn(restored)).toBe(1);
    const [first, second, ...others] = await certificatesIn(made.living);
    expect(others).toEqual([]);
    expect(second).toMatchObject({
      statement: 'ciphertext-removed',
      continues: { certificateId: first?.certificateId },
      ciphertext: { state: 'removed' },
      destroyed: first?.destroyed,
      erasure: first?.erasure,
      evidence: first?.evidence,
      subject: first?.subject,
    });
  });

  test('restored after that, finds the second certificate, and issues no other', async () => {
    const made = await afterErasure();
    expect(await liveOn(made.living)).toBe(1);
    const issued = await certificatesIn(made.living);
    expect(issued).toHaveLength(2);
    const restored = withLedger(made.living, made[when]);
    await reconcileErased(restored.services, always);
    await liveOn(restored);
    expect(await certificatesIn(made.living)).toEqual(issued);
    const { vaultId } = made.vault;
    const known = await Array.fromAsync(made[when].list('certificate', { vaultId }));
    expect(known.map(({ record }) => record.certificateId)).toEqual(
      issued.map(({ certificateId }) => certificateId),
    );
    const erasure = await made[when].get('erasure', vaultId, issued[0]?.erasure.erasureId ?? '');
    expect(erasure?.record.removalCertificateId).toBe(issued[1]?.certificateId);
  });
});

test('the erasure that a restored ledger gets back names the people it still knows', async () => {
  const made = await afterErasure();
  const { vaultId } = made.vault;
  const [issued] = await certificatesIn(made.living);
  const erasureIn = async (ledger: MemoryLedger) =>
    (await ledger.get('erasure', vaultId, issued?.erasure.erasureId ?? ''))?.record;
  const before = await erasureIn(made.certified);
  for (const when of ['scheduled', 'yesterday'] as const) {
    await reconcileErased(withLedger(made.living, made[when]).services, always);
  }
  expect(await erasureIn(made.scheduled)).toEqual(before);
  const lost = await erasureIn(made.yesterday);
  expect(lost?.requestedBy).toBe(pseudonymOf(OPERATOR));
  expect(lost?.approvals).toMatchObject([{ by: pseudonymOf(SUPERVISOR) }]);
  expect(lost?.evidence).toEqual(before?.evidence);
  expect(lost?.plan).toMatchObject({ hash: before?.plan.hash, digest: before?.plan.digest });
});

describe('a tombstone', () => {
  // format.md 8.5
  test('is plain, holds nothing personal, and lies locked in both copies', async () => {
    const { living, vault } = await afterErasure();
    for (const copy of COPY_NAMES) {
      const key = tombstoneKey(vault.vaultId);
      const [listed] = await Array.fromAsync(living.copies[copy].list(key));
      const state = await living.copies[copy].inspect(key, listed?.versionId ?? '');
      expect(state?.lockedUntil?.getTime()).toBeGreaterThan(living.clock.now().getTime());
    }
    const tombstone = await findTombstone(living.services, vault.vaultId);
    expect(Object.keys(tombstone ?? {}).sort()).toEqual(
      ['certificateId', 'erasedAt', 'erasureId', 'format', 'keys', 'kind', 'vaultId'].sort(),
    );
  });

  test.each(COPY_NAMES)(
    'is found with the %s copy down, and behind a delete marker',
    async (copy) => {
      const { living, vault } = await afterErasure();
      for (const name of COPY_NAMES) {
        living.copies[name].hide(tombstoneKey(vault.vaultId));
      }
      living.copies[copy].available = false;
      expect(await findTombstone(living.services, vault.vaultId)).toBeDefined();
    },
  );

  test.each(COPY_NAMES)('is found in the other copy when that of the %s is none', async (copy) => {
    const { living, vault, yesterday } = await afterErasure();
    const key = tombstoneKey(vault.vaultId);
    const [listed] = await Array.fromAsync(living.copies[copy].list(key));
    living.copies[copy].damage(key, listed?.versionId ?? '', Buffer.from('{}'));
    const found = await findTombstone(living.services, vault.vaultId);
    expect(found).toMatchObject({ vaultId: vault.vaultId, keys: vault.keys });
    const restored = withLedger(living, yesterday);
    expect(await reconcileErased(restored.services, always)).toMatchObject({ reconciled: 1 });
    living.copies[otherCopy(copy)].available = false;
    await expect(findTombstone(living.services, vault.vaultId)).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
    });
  });

  test('is compared with the ledger by the next invocation when the time is over', async () => {
    const { living, yesterday, vault } = await afterErasure();
    const restored = withLedger(living, yesterday);
    for (let index = 0; index < 30; index += 1) {
      await registeredVault(restored, { policyId: 'consent-only', reference: `B-${index}` });
    }
    let left = 0;
    const first = await reconcileErased(restored.services, () => left-- > 0).catch(
      (error) => error,
    );
    expect(first).toMatchObject({ code: 'PASS_STUCK' });
    left = 12;
    const some = await reconcileErased(restored.services, () => left-- > 0);
    expect(some).toMatchObject({ isHandedOver: true });
    const [next] = living.pipeline.comparisons;
    const rest = await reconcileErased(restored.services, always, next);
    expect(rest).toMatchObject({ isHandedOver: false });
    expect(some.reconciled + rest.reconciled).toBe(1);
    expect((await stateOf(yesterday, vault))?.state).toBe('ERASED');
  });

  test('cannot be looked for with both copies down: nothing is served then', async () => {
    const { living, vault } = await afterErasure();
    living.copies.primary.available = false;
    living.copies.secondary.available = false;
    await expect(findTombstone(living.services, vault.vaultId)).rejects.toMatchObject({
      code: 'COPY_UNAVAILABLE',
    });
  });

  test('of another vault is none', async () => {
    const { living, vault } = await afterErasure();
    const other = await registeredVault(living, { policyId: 'consent-only', reference: 'B-2' });
    const misplaced = Buffer.from(await tombstoneText(living, vault));
    living.copies.primary.overwrite(tombstoneKey(other.vaultId), misplaced);
    await expect(findTombstone(living.services, other.vaultId)).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
    });
    await expect(reconcileErased(living.services, always)).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
    });
    expect((await stateOf(living.ledger, other))?.state).toBe('ACTIVE');
  });

  test.each(COPY_NAMES)('is disputed while the %s key exists', async (copy) => {
    const { living, vault } = await afterErasure();
    const other = await registeredVault(living, { policyId: 'consent-only', reference: 'B-2' });
    living.pipeline.wire({ restoreKeys: async () => undefined });
    await living.custody.scheduleDeletion(other.keys[otherCopy(copy)], 7);
    await living.clock.moveDays(7);
    let text = (await tombstoneText(living, vault)).replaceAll(vault.vaultId, other.vaultId);
    for (const name of COPY_NAMES) {
      text = text.replaceAll(vault.keys[name], other.keys[name]);
    }
    living.copies.primary.overwrite(tombstoneKey(other.vaultId), Buffer.from(text));
    expect(await reconcileErased(living.services, always)).toMatchObject({ reconciled: 0 });
    expect((await stateOf(living.ledger, other))?.state).toBe('ACTIVE');
    expect(living.telemetry.total(METRICS.tombstoneDisputed)).toBe(1);
  });

  test('of a vault whose keys exist proves nothing, keeps it shut, and rings', async () => {
    const { living, vault } = await afterErasure();
    const other = await registeredVault(living, { policyId: 'consent-only', reference: 'B-2' });
    const text = await tombstoneText(living, vault);
    const forged = Buffer.from(text.replaceAll(vault.vaultId, other.vaultId));
    living.copies.primary.overwrite(tombstoneKey(other.vaultId), forged);
    expect(await reconcileErased(living.services, always)).toMatchObject({ reconciled: 0 });
    expect((await stateOf(living.ledger, other))?.state).toBe('ACTIVE');
    expect(living.telemetry.total(METRICS.tombstoneDisputed)).toBe(1);
    await expect(backUp(living, other)).rejects.toMatchObject({ code: 'VAULT_UNREADABLE' });
  });

  test('written for a certificate that never came lets it be issued later', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    await backUp(living, vault);
    await approved(living, vault);
    await advanceDueErasures(living.services);
    await living.clock.moveDays(8);
    await confirmDueErasures(living.services);
    living.signing.available = false;
    await certifyDueErasures(living.services, TOOL_VERSION).catch(() => undefined);
    living.signing.available = true;
    await living.clock.moveDays(1);
    expect(await certifyDueErasures(living.services, TOOL_VERSION)).toBe(1);
    const tombstone = await findTombstone(living.services, vault.vaultId);
    const key = certificateKey(tombstone?.certificateId ?? '');
    expect(await Array.fromAsync(living.copies.secondary.list(key))).toHaveLength(1);
  });
});
