import { hash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { METRICS } from '../../shared/config/metric-names.ts';
import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Pack, Snapshot, StoredObject, Vault } from '../../shared/domain/records.ts';
import type { Verification } from '../../shared/domain/verification-records.ts';
import { comparePack } from '../../shared/verify/compare-packs.ts';
import { requestVerification } from '../../shared/verify/request-verification.ts';
import { verifySnapshot } from '../../shared/verify/verify-snapshot.ts';
import {
  backUp,
  bytesIn,
  packsOf,
  partsOf,
  restoredFrom,
  sourceOf,
} from '../support/backed-up-vault.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

let world: MemoryServices;
let vault: Vault;
let snapshot: Snapshot;
let parts: StoredObject[];
let packs: Pack[];
/** Times the function may ask whether there is time before it is told no; then it starts anew. */
let patience: number;

beforeEach(async () => {
  world = livingInstallation();
  patience = Number.POSITIVE_INFINITY;
  world.pipeline.wire({
    verification: async (vaultId, verificationId) => {
      let asked = 0;
      await verifySnapshot(world.services, { vaultId, verificationId }, () => {
        asked += 1;
        return asked <= patience;
      });
    },
  });
  vault = await registeredVault(world);
  const source = sourceOf(world, vault);
  source.put('a.txt', 'one record');
  source.put('客户/b.txt', 'another record');
  source.put('//odd', 'a third one');
  await backUp(world, vault);
  source.put('客户/b.txt', 'another record, changed');
  snapshot = await backUp(world, vault);
  parts = await partsOf(world, snapshot);
  packs = (await packsOf(world, vault)) as Pack[];
});

async function verify(depth: Verification['depth']): Promise<Verification> {
  const { vaultId } = vault;
  const { snapshotId } = snapshot;
  const asked = await requestVerification(
    world.services,
    OPERATOR,
    { vaultId, snapshotId },
    {
      depth,
    },
  );
  const stored = await world.ledger.get('verification', vaultId, asked.verificationId);
  if (stored === undefined) {
    throw new Error('the verification is not in the ledger');
  }
  return stored.record;
}

const versionOf = (stored: StoredObject, copy: CopyName): string => stored.versions[copy] ?? '';

async function change(
  copy: CopyName,
  stored: StoredObject,
  to: (bytes: Buffer) => Buffer,
): Promise<void> {
  const bytes = to(Buffer.from(await bytesIn(world, copy, stored)));
  world.copies[copy].damage(stored.key, versionOf(stored, copy), bytes);
}

function flipLast(bytes: Buffer): Buffer {
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
}

const part = (): StoredObject => parts[0] as StoredObject;
const objects = (): StoredObject[] => [...packs, ...parts, snapshot.seal];
const allBytes = (): number => objects().reduce((sum, { size }) => sum + size, 0);

describe('a verification of a whole snapshot', () => {
  test('quick: finds every object in both copies, and reads none', async () => {
    const found = await verify('quick');
    const counts = { objects: 4, bytes: allBytes(), records: 0, absent: 0 };
    expect(found).toMatchObject({
      state: 'SUCCEEDED',
      failure: null,
      findingCount: 0,
      copies: { primary: counts, secondary: counts },
    });
  });

  test('deep: reads every object and compares every record, from both copies', async () => {
    const found = await verify('deep');
    const counts = { objects: 4, bytes: allBytes(), records: 3, absent: 0 };
    expect(found).toMatchObject({
      state: 'SUCCEEDED',
      findings: [],
      copies: { primary: counts, secondary: counts },
    });
  });

  test('deep: counts as a reading for the daily rotation', async () => {
    await verify('deep');
    for (const { key } of objects()) {
      const reading = await world.ledger.get('reading', vault.vaultId, key);
      const verified = { verifiedAt: world.clock.now().toISOString(), problem: null };
      expect(reading?.record.copies).toMatchObject({ primary: verified, secondary: verified });
    }
  });

  test('is in the audit chain with its request and its end', async () => {
    const { verificationId } = await verify('deep');
    const entries = await Array.fromAsync(world.ledger.list('audit', { chainId: vault.vaultId }));
    const { snapshotId } = snapshot;
    expect(entries.slice(-2).map(({ record }) => [record.action, record.details])).toEqual([
      ['verification.requested', { verificationId, snapshotId, depth: 'deep' }],
      [
        'verification.succeeded',
        { verificationId, snapshotId, depth: 'deep', findings: 0, failure: null },
      ],
    ]);
  });

  test('goes on where it stopped when its time is over, and counts nothing twice', async () => {
    const expected = await verify('deep');
    patience = 4;
    const found = await verify('deep');
    expect(world.pipeline.verifications.length).toBeGreaterThan(3);
    expect(found).toMatchObject({ state: 'SUCCEEDED', copies: expected.copies });
  });

  test('that never gets anywhere ends instead of starting for ever', async () => {
    patience = 0;
    expect(await verify('deep')).toMatchObject({
      state: 'FAILED',
      failure: 'VERIFICATION_STUCK',
    });
  });

  test('carried out a second time changes nothing', async () => {
    const { verificationId } = await verify('quick');
    const before = await vaultNow(world, vault.vaultId);
    const address = { vaultId: vault.vaultId, verificationId };
    await verifySnapshot(world.services, address, () => true);
    expect(await vaultNow(world, vault.vaultId)).toEqual(before);
  });
});

describe('damage', () => {
  const kinds = ['pack', 'manifest', 'seal'] as const;
  const objectOf = (kind: (typeof kinds)[number]): StoredObject =>
    ({ pack: packs[1] as Pack, manifest: part(), seal: snapshot.seal })[kind];

  test.each(kinds.flatMap((kind) => COPY_NAMES.map((copy) => [kind, copy] as const)))(
    'a flipped bit in a %s of the %s copy is found by reading',
    async (kind, copy) => {
      const object = objectOf(kind);
      await change(copy, object, flipLast);
      const found = await verify('deep');
      expect(found).toMatchObject({
        state: 'FAILED',
        failure: 'OBJECT_DAMAGED',
        findings: [{ copy, object: object.key }],
        findingCount: 1,
      });
      const other = copy === 'primary' ? 'secondary' : 'primary';
      expect(found.copies[other]).toMatchObject({ objects: 4, records: 3 });
      expect(found.copies[copy].objects).toBe(3);
      expect(world.telemetry.total(METRICS.copyDamaged)).toBe(1);
      expect(Object.keys(await restoredFrom(world, vault, snapshot, other))).toHaveLength(3);
    },
  );

  test.each([
    ['truncated', 'has \\d+ bytes instead of \\d+'],
    ['missing', '^missing$'],
    ['unlocked', '^not locked$'],
  ] as const)('an object that is %s is found by asking', async (how, problem) => {
    const object = packs[0] as Pack;
    const version = versionOf(object, 'secondary');
    const { secondary } = world.copies;
    if (how === 'truncated') {
      await change('secondary', object, (bytes) => bytes.subarray(0, -1));
    } else if (how === 'missing') {
      secondary.lose(object.key, version);
    } else {
      secondary.unlock(object.key, version);
    }
    const found = await verify('quick');
    expect(found).toMatchObject({
      failure: 'OBJECT_DAMAGED',
      findings: [
        { copy: 'secondary', object: object.key, problem: expect.stringMatching(problem) },
      ],
      copies: { primary: { objects: 4 }, secondary: { objects: 3 } },
    });
  });

  test('a lock that ends before the minimum and the snapshot do is found by asking', async () => {
    const stored = await world.ledger.get('snapshot', vault.vaultId, snapshot.snapshotId);
    const retainUntil = '2030-01-01T00:00:00.000Z';
    const record = { ...(stored?.record ?? snapshot), retainUntil };
    await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
    // Nobody has renewed any lock meanwhile.
    await world.clock.moveDays(20);
    const found = await verify('quick');
    expect(found.findingCount).toBe(8);
    expect(found.findings[0]?.problem).toMatch(/^locked until 2026-\S+ only$/);
  });

  test('in both copies is found in both', async () => {
    const object = packs[0] as Pack;
    await change('primary', object, flipLast);
    await change('secondary', object, flipLast);
    const found = await verify('deep');
    expect(found.findings.map(({ copy }) => copy)).toEqual(['primary', 'secondary']);
    expect(found.findings.every(({ object: key }) => key === object.key)).toBe(true);
  });

  test('of the manifest in both copies leaves the packs to be read without it', async () => {
    await change('primary', part(), flipLast);
    await change('secondary', part(), flipLast);
    const found = await verify('deep');
    expect(found.findings.map(({ object }) => object)).toEqual([part().key, part().key]);
    expect(found.copies.primary).toMatchObject({ objects: 3, records: 0 });
  });

  test('of both seals ends it: nothing else says what there is to verify', async () => {
    await change('primary', snapshot.seal, flipLast);
    await change('secondary', snapshot.seal, flipLast);
    const found = await verify('quick');
    expect(found).toMatchObject({ failure: 'OBJECT_DAMAGED', findingCount: 2 });
    expect(found.copies.primary.objects).toBe(0);
  });

  test('never tells a path', async () => {
    await change('primary', packs[0] as Pack, flipLast);
    const found = await verify('deep');
    expect(JSON.stringify([found, world.telemetry.events])).not.toMatch(/客户|txt|odd/);
  });
});

describe('format.md 4.5: a record that is not the one the manifest names', () => {
  const compare = (wanted: Parameters<typeof comparePack>[4]): Promise<number> => {
    const pack = packs[1] as Pack;
    const { vaultId, keys } = vault;
    const { snapshotId, seal } = snapshot;
    const renewedLock = new Date(snapshot.retainUntil);
    const whole = { vaultId, snapshotId, keys, renewedLock, manifests: parts, seal, packs };
    return comparePack(world.services, whole, 'secondary', pack, wanted, () => true);
  };
  const text = Buffer.from('another record, changed');
  const named = { size: text.length, sha256: hash('sha256', text) };

  test('is found although the object is whole', async () => {
    expect(await compare(new Map([['客户/b.txt', named]]))).toBe(1);
    const other = { ...named, sha256: hash('sha256', 'something else') };
    await expect(compare(new Map([['客户/b.txt', other]]))).rejects.toThrow(
      'a record in it is not the one that the manifest names',
    );
  });

  test('is found missing although the object is whole', async () => {
    const wanted = new Map([
      ['客户/b.txt', named],
      ['c.txt', named],
    ]);
    await expect(compare(wanted)).rejects.toThrow('that the manifest names is not in it');
  });
});

describe('what cannot be asked', () => {
  test('a copy that does not answer makes it incomplete, not damaged', async () => {
    world.copies.secondary.available = false;
    for (const depth of ['quick', 'deep'] as const) {
      const found = await verify(depth);
      expect(found).toMatchObject({
        state: 'FAILED',
        failure: 'COPY_UNAVAILABLE',
        findings: [],
        copies: { primary: { objects: 4 }, secondary: { objects: 0 } },
      });
    }
    expect(world.telemetry.total(METRICS.copyDamaged)).toBe(0);
  });

  test('an object that is not in a copy yet is absent there, not damaged', async () => {
    const pack = packs[0] as Pack;
    const stored = await world.ledger.get('pack', vault.vaultId, pack.packId);
    const versions = { ...pack.versions, secondary: null };
    // The seal knows a version; what the ledger knows now is what counts.
    const record = { ...(stored?.record ?? pack), versions };
    await world.ledger.write([{ record, expect: stored?.version ?? 0 }]);
    for (const depth of ['quick', 'deep'] as const) {
      expect(await verify(depth)).toMatchObject({
        state: 'SUCCEEDED',
        copies: { primary: { objects: 4, absent: 0 }, secondary: { objects: 3, absent: 1 } },
      });
    }
  });

  test('a vault that is not readable is refused in depth, and asked about quickly', async () => {
    const stored = await world.ledger.get('vault', vault.vaultId);
    const pending: Vault = { ...(stored?.record ?? vault), state: 'ERASE_PENDING' };
    await world.ledger.write([{ record: pending, expect: stored?.version ?? 0 }]);
    await expect(verify('deep')).rejects.toMatchObject({ code: 'VAULT_UNREADABLE' });
    expect(await verify('quick')).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('a snapshot that does not exist is refused', async () => {
    snapshot = { ...snapshot, snapshotId: vault.vaultId };
    await expect(verify('quick')).rejects.toMatchObject({ code: 'SNAPSHOT_UNKNOWN' });
  });

  test('one that could not be started is recorded as failed', async () => {
    const fault = new HoldfastError('PIPELINE_UNAVAILABLE', { step: 'start a verification' });
    const pipeline = { ...world.pipeline, startVerification: () => Promise.reject(fault) };
    const { vaultId } = vault;
    const address = { vaultId, snapshotId: snapshot.snapshotId };
    const services = { ...world.services, pipeline: pipeline as never };
    const asking = requestVerification(services, OPERATOR, address, { depth: 'quick' });
    await expect(asking).rejects.toBe(fault);
    const failed = world.ledger.records().filter((record) => record.kind === 'verification');
    expect(failed).toMatchObject([{ state: 'FAILED', failure: 'PIPELINE_UNAVAILABLE' }]);
  });
});
