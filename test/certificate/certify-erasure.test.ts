import { describe, expect, test } from 'vitest';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { pseudonymOf } from '../../shared/certificate/pseudonym.ts';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { COPY_NAMES, otherCopy } from '../../shared/domain/copy-name.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import type { Certificate } from '../../shared/format/certificate.ts';
import { certificateKey, tombstoneKey } from '../../shared/format/object-keys.ts';
import { sha256Of } from '../../shared/format/signed-statement.ts';
import { renewProofs } from '../../shared/proof/renew-proofs.ts';
import { proofLockDays } from '../../shared/proof/write-proof.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { findTombstone } from '../../shared/tombstone/find-tombstone.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { certifiedVault, erasedVault, TOOL_VERSION } from '../support/certified-erasure.ts';
import { approve, approved, erasureNow, requested } from '../support/erasing.ts';
import {
  livingInstallation,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { VAULT } from './sample-certificate.ts';

const certify = ({ services }: MemoryServices) => certifyDueErasures(services, TOOL_VERSION);

async function objectOf({ copies }: MemoryServices, copy: 'primary' | 'secondary', key: string) {
  const [version] = await Array.fromAsync(copies[copy].list(key));
  const chunks = await Array.fromAsync(await copies[copy].read(key, version?.versionId ?? ''));
  return Buffer.concat(chunks as Buffer[]);
}

async function actionsOf({ ledger }: MemoryServices, vaultId: string): Promise<string[]> {
  const listed = await Array.fromAsync(ledger.list('audit', { chainId: vaultId }));
  return listed.map(({ record }) => record.action);
}

describe('a completed erasure', () => {
  test('gets one certificate, the same in both copies, that states what happened', async () => {
    const living = livingInstallation();
    const { vault, erasure } = await certifiedVault(living);
    const key = certificateKey(erasure.certificateId ?? '');
    const [one, other] = await Promise.all(COPY_NAMES.map((copy) => objectOf(living, copy, key)));
    expect(one).toEqual(other);
    const publicKey = await living.signing.publicKey();
    const { certificate } = await verifyCertificate(String(one), publicKey);
    expect(certificate).toMatchObject({
      statement: 'keys-destroyed',
      continues: null,
      issuer: { installation: 'test', tool: { version: TOOL_VERSION } },
      subject: { vaultId: vault.vaultId, snapshots: { count: 1 } },
      destroyed: {
        keys: vault.keys,
        objects: { count: erasure.plan.objects, bytes: erasure.plan.bytes },
      },
      erasure: { approvals: [{ by: pseudonymOf(SUPERVISOR) }], planSha256: erasure.plan.hash },
      evidence: { primary: { kind: 'event' }, secondary: { kind: 'event' } },
      probes: { primary: { outcome: 'refused', answer: 'NotFoundException' } },
      ciphertext: { state: 'remains-unreadable' },
    });
    expect(certificate.ciphertext).toHaveProperty('until', erasure.plan.ciphertextUntil);
  });

  test('has its tombstone in both copies before anything is signed', async () => {
    const living = livingInstallation();
    const { vault } = await erasedVault(living);
    living.signing.available = false;
    await expect(certify(living)).rejects.toMatchObject({ code: 'SIGNING_UNAVAILABLE' });
    for (const copy of COPY_NAMES) {
      const tombstone = JSON.parse(
        String(await objectOf(living, copy, tombstoneKey(vault.vaultId))),
      );
      expect(tombstone).toMatchObject({ vaultId: vault.vaultId, keys: vault.keys });
    }
    expect(await Array.fromAsync(living.copies.primary.list('certificates/'))).toEqual([]);
  });

  test('says when it was signed, and not when it was begun', async () => {
    const living = livingInstallation();
    await erasedVault(living);
    living.signing.available = false;
    await certify(living).catch(() => undefined);
    living.signing.available = true;
    await living.clock.moveDays(2);
    await certify(living);
    const [listed] = await Array.fromAsync(living.copies.primary.list('certificates/'));
    const jws = String(await objectOf(living, 'primary', listed?.key ?? ''));
    const { certificate } = await verifyCertificate(jws, await living.signing.publicKey());
    expect(certificate.issuedAt).toBe(living.clock.now().toISOString());
  });

  test('leaves its steps in the audit chain, in this order', async () => {
    const living = livingInstallation();
    const { vault } = await certifiedVault(living);
    expect((await actionsOf(living, vault.vaultId)).slice(-5)).toEqual([
      'erasure.erased',
      'certificate.opened',
      'tombstone.written',
      'certificate.signed',
      'certificate.issued',
    ]);
  });

  test('is certified once, however often that is asked for', async () => {
    const living = livingInstallation();
    await erasedVault(living);
    expect(await certify(living)).toBe(1);
    expect(await certify(living)).toBe(0);
    expect(living.signing.signed).toBe(1);
    expect(await Array.fromAsync(living.copies.primary.list('certificates/'))).toHaveLength(1);
  });

  test('is certified once when two run at the same time', async () => {
    const living = livingInstallation();
    const { vault, erasure } = await erasedVault(living);
    // Each may sign; the signature that is kept first is the one that all of them issue.
    await Promise.all([certify(living), certify(living), certify(living)]);
    const { certificateId } = await erasureNow(living, erasure);
    const kept = await living.ledger.get('certificate', vault.vaultId, certificateId ?? '');
    const key = certificateKey(certificateId ?? '');
    for (const copy of COPY_NAMES) {
      expect(await Array.fromAsync(living.copies[copy].list('certificates/'))).toHaveLength(1);
      expect(String(await objectOf(living, copy, key))).toBe(kept?.record.signed?.jws);
    }
    const actions = await actionsOf(living, vault.vaultId);
    expect(actions.filter((action) => action === 'certificate.issued')).toHaveLength(1);
  });

  test('is locked for as long as the installation allows', async () => {
    const living = livingInstallation();
    const { erasure } = await certifiedVault(living);
    const key = certificateKey(erasure.certificateId ?? '');
    const [version] = await Array.fromAsync(living.copies.primary.list(key));
    const state = await living.copies.primary.inspect(key, version?.versionId ?? '');
    const days = ((state?.lockedUntil?.getTime() ?? 0) - living.clock.now().getTime()) / 86_400_000;
    // A day less: S3 counts by its own clock.
    expect(days).toBe(living.services.installation.maxLockDays - 1);
  });
});

describe('what no verifier would accept is not signed', () => {
  test.each([
    ['a version that is too long', '9'.repeat(41), {}],
    ['an installation of a name that is none', TOOL_VERSION, { name: 'Not a name' }],
  ])('%s', async (_case, toolVersion, over) => {
    const living = livingInstallation();
    await erasedVault(living);
    const { services } = living;
    const installation = { ...services.installation, ...over };
    expect(await certifyDueErasures({ ...services, installation }, toolVersion)).toBe(0);
    expect(living.telemetry.total('CertificateRefused')).toBe(1);
    expect(living.signing.signed).toBe(0);
    expect(await certify(living)).toBe(1);
  });
});

test('with the longest ARN that AWS gives out the certificate still verifies', async () => {
  const living = livingInstallation();
  const vault = await registeredVault(living, { policyId: 'consent-only' });
  await backUp(living, vault);
  const path = `${'division/'.repeat(56)}/${'x'.repeat(64)}`;
  await approve(living, await requested(living, vault), `arn:aws:iam::111122223333:user/${path}`);
  await advanceDueErasures(living.services);
  await living.clock.moveDays(8);
  await confirmDueErasures(living.services);
  expect(await certify(living)).toBe(1);
  const [listed] = await Array.fromAsync(living.copies.primary.list('certificates/'));
  const jws = String(await objectOf(living, 'primary', listed?.key ?? ''));
  await verifyCertificate(jws, await living.signing.publicKey());
});

describe('when it breaks off', () => {
  test.each(COPY_NAMES)('because the %s copy is down, the next run goes on', async (copy) => {
    const living = livingInstallation();
    const { vault, erasure } = await erasedVault(living);
    living.copies[copy].available = false;
    await expect(certify(living)).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE' });
    expect((await erasureNow(living, erasure)).certificateId).toBeNull();
    living.copies[copy].available = true;
    expect(await certify(living)).toBe(1);
    expect(living.signing.signed).toBe(1);
    expect(await findTombstone(living.services, vault.vaultId)).toBeDefined();
  });

  test('at any write of the ledger or a copy, one certificate comes out, signed once', async () => {
    let points = 0;
    for (let at = 1; ; at += 1) {
      const living = livingInstallation();
      const { vault, erasure } = await erasedVault(living);
      const broken = breakingAt(living, at);
      const first = await certifyDueErasures(broken.services, TOOL_VERSION).catch(() => 'broken');
      if (first !== 'broken') {
        break;
      }
      points += 1;
      expect(await certify(living)).toBeLessThanOrEqual(1);
      const { certificateId } = await erasureNow(living, erasure);
      const key = certificateKey(certificateId ?? '');
      const both = await Promise.all(COPY_NAMES.map((copy) => objectOf(living, copy, key)));
      expect(both[0]).toEqual(both[1]);
      for (const copy of COPY_NAMES) {
        expect(await Array.fromAsync(living.copies[copy].list('certificates/'))).toHaveLength(1);
      }
      const actions = await actionsOf(living, vault.vaultId);
      expect(actions.filter((action) => action === 'certificate.issued')).toHaveLength(1);
      expect(actions.filter((action) => action === 'tombstone.written')).toHaveLength(1);
    }
    // 4 ledger writes and 4 puts, each broken off before and after it took effect.
    expect(points).toBe(16);
  });
});

/** The same installation, whose n-th side effect fails: odd before it happens, even after. */
function breakingAt(living: MemoryServices, at: number): Pick<MemoryServices, 'services'> {
  let effects = 0;
  const effect = async <T>(work: () => Promise<T>): Promise<T> => {
    effects += 1;
    if (effects === at) {
      throw new Error('killed before');
    }
    const result = await work();
    effects += 1;
    if (effects === at) {
      throw new Error('killed after');
    }
    return result;
  };
  const { services } = living;
  const ledger = Object.create(services.ledger, {
    write: { value: (...args: [never]) => effect(() => services.ledger.write(...args)) },
    get: { value: services.ledger.get.bind(services.ledger) },
    list: { value: services.ledger.list.bind(services.ledger) },
    due: { value: services.ledger.due.bind(services.ledger) },
  });
  const copyOf = (copy: 'primary' | 'secondary') => ({
    name: copy,
    put: (...args: Parameters<typeof services.copies.primary.put>) =>
      effect(() => services.copies[copy].put(...args)),
    list: services.copies[copy].list.bind(services.copies[copy]),
  });
  const copies = { primary: copyOf('primary'), secondary: copyOf('secondary') } as never;
  return { services: { ...services, ledger, copies } };
}

describe('the second certificate', () => {
  async function removed() {
    const living = livingInstallation();
    const { vault, erasure } = await certifiedVault(living);
    const stored = await living.ledger.get('erasure', vault.vaultId, erasure.erasureId);
    const record = { ...erasure, ciphertextRemovedAt: '2027-02-01T00:00:00.000Z' };
    await living.ledger.write([{ record, expect: stored?.version ?? 'absent' }]);
    await living.clock.moveDays(100);
    return { living, vault, erasure };
  }

  test.each(COPY_NAMES)('is refused while the %s copy still lists ciphertext', async (copy) => {
    const { living, vault, erasure } = await removed();
    const other = living.copies[otherCopy(copy)];
    for await (const { key, versionId } of other.list(`vaults/${vault.vaultId}/`)) {
      other.lose(key, versionId);
    }
    expect(await certify(living)).toBe(0);
    expect(living.telemetry.eventsNamed('certificate.refused')).toEqual([
      expect.objectContaining({
        missing: expect.stringMatching(`^\\d+ objects are left in the ${copy} copy$`),
      }),
    ]);
    expect((await erasureNow(living, erasure)).removalCertificateId).toBeNull();
  });

  test('follows the sweep, names the first, and states that nothing is left', async () => {
    const living = livingInstallation();
    const { vault, erasure } = await certifiedVault(living);
    await sweepCopies(living.services, () => true);
    expect(await certify(living)).toBe(0);
    await living.clock.moveDays(400);
    await renewProofs(living.services, () => true);
    await sweepCopies(living.services, () => true);
    const { ciphertextRemovedAt } = await erasureNow(living, erasure);
    expect(ciphertextRemovedAt).toBe(living.clock.now().toISOString());
    expect(await certify(living)).toBe(1);
    const after = await erasureNow(living, erasure);
    const key = certificateKey(after.removalCertificateId ?? '');
    const publicKey = await living.signing.publicKey();
    const jws = String(await objectOf(living, 'primary', key));
    const { certificate } = await verifyCertificate(jws, publicKey);
    const first = String(
      await objectOf(living, 'secondary', certificateKey(erasure.certificateId ?? '')),
    );
    const { payloadSha256 } = await verifyCertificate(first, publicKey);
    expect(certificate).toMatchObject({
      statement: 'ciphertext-removed',
      continues: { certificateId: erasure.certificateId, payloadSha256 },
      ciphertext: { state: 'removed', removedAt: ciphertextRemovedAt },
      subject: { snapshots: { count: 1, firstAt: expect.any(String) } },
    });
    expect(certificate.outOfScope.ciphertext).not.toMatch(/stays|until/);
    expect(await findTombstone(living.services, vault.vaultId)).toBeDefined();
    expect(await certify(living)).toBe(0);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASED');
  });

  test('is found again by a ledger that was put back to before it, and locked longer', async () => {
    const { living, vault, erasure } = await removed();
    for (const copy of Object.values(living.copies)) {
      for await (const { key, versionId } of copy.list(`vaults/${vault.vaultId}/`)) {
        if (!key.endsWith('tombstone.json')) copy.lose(key, versionId);
      }
    }
    const before = living.ledger.copy();
    expect(await certify(living)).toBe(1);
    const { removalCertificateId } = await erasureNow(living, erasure);
    const key = certificateKey(removalCertificateId ?? '');
    const [issued] = await Array.fromAsync(living.copies.primary.list(key));
    await living.clock.moveDays(2);
    const services = { ...living.services, ledger: before };
    expect(await certifyDueErasures(services, TOOL_VERSION)).toBe(1);
    const again = await erasureNow({ ledger: before }, erasure);
    expect(again.removalCertificateId).toBe(removalCertificateId);
    expect(await Array.fromAsync(living.copies.primary.list(key))).toEqual([issued]);
    for (const copy of Object.values(living.copies)) {
      const state = await copy.inspect(key, issued?.versionId ?? '');
      const days = proofLockDays(living.services.installation);
      expect(state?.lockedUntil).toEqual(daysAfter(living.clock.now(), days));
    }
  });
});

describe('what remains', () => {
  async function certificateOf(living: MemoryServices, vault: Vault): Promise<Certificate> {
    await approved(living, vault);
    await advanceDueErasures(living.services);
    await living.clock.moveDays(8);
    await confirmDueErasures(living.services);
    expect(await certify(living)).toBe(1);
    const [listed] = await Array.fromAsync(living.copies.primary.list('certificates/'));
    const jws = String(await objectOf(living, 'primary', listed?.key ?? ''));
    return (await verifyCertificate(jws, await living.signing.publicKey())).certificate;
  }

  test('is told of each copy: one that was down during the backup has nothing', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    living.copies.secondary.available = false;
    await backUp(living, vault);
    living.copies.secondary.available = true;
    const { ciphertext, destroyed } = await certificateOf(living, vault);
    const { count, bytes } = destroyed.objects;
    expect(ciphertext).toMatchObject({
      copies: {
        primary: { versions: count, bytes, unlisted: 0, until: expect.any(String) },
        secondary: { versions: 0, bytes: 0, unlisted: 0, until: null },
      },
    });
  });

  // format.md 8.7
  test('is told of what the ledger does not know, and that its end is unknown', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const bytes = Buffer.from('of a run that was never committed');
    for (const copy of COPY_NAMES) {
      await living.copies[copy].put(`vaults/${vault.vaultId}/packs/${VAULT}`, bytes, {
        lockedUntil: new Date(living.clock.now().getTime() + 36 * 86_400_000),
        contentType: 'application/octet-stream',
        sha256: sha256Of(bytes),
      });
    }
    const { ciphertext, destroyed } = await certificateOf(living, vault);
    expect(destroyed.objects.count).toBe(0);
    const orphan = { versions: 1, bytes: bytes.length, unlisted: 1, until: null };
    expect(ciphertext).toMatchObject({ copies: { primary: orphan, secondary: orphan } });
  });
});
