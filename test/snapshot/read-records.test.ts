import { beforeEach, describe, expect, test } from 'vitest';
import { uploadToBoth } from '../../shared/backup/dual-upload.ts';
import type { StoredObject, Vault } from '../../shared/domain/records.ts';
import type { ManifestRecord } from '../../shared/format/manifest-record.ts';
import { ManifestWriter } from '../../shared/format/manifest-writer.ts';
import { manifestKey } from '../../shared/format/object-keys.ts';
import { CopyChoice } from '../../shared/snapshot/copy-choice.ts';
import { readRecords } from '../../shared/snapshot/read-records.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const SNAPSHOT = '01M6DMBE000000000000000004';
const WRITE = { lockedUntil: new Date('2026-12-10'), contentType: 'application/octet-stream' };

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
});

function record(path: string): ManifestRecord {
  const modified = '2026-10-31T12:34:56.000Z';
  const rest = { contentType: null, metadata: {}, tags: {}, pack: '01M6DMBE000000000000000002' };
  return { path, size: 3, sha256: 'ab'.repeat(32), modified, etag: 'x', ...rest };
}

/** Writes one part of a manifest to both copies. */
async function part(number: number, paths: readonly string[]): Promise<StoredObject> {
  const { vaultId, keys } = vault;
  const { copies, custody } = world.services;
  const identity = { vaultId, snapshotId: SNAPSHOT, object: `manifest/${number}` } as const;
  const key = manifestKey(vaultId, SNAPSHOT, number);
  const writer = new ManifestWriter(custody.wrapping(keys), identity, (message) =>
    uploadToBoth(copies, key, WRITE, message),
  );
  for (const path of paths) {
    await writer.write(record(path));
  }
  return writer.finish();
}

async function pathsOf(manifests: readonly StoredObject[]): Promise<string[]> {
  const access = { services: world.services, keys: vault.keys, choice: new CopyChoice('any') };
  const location = { vaultId: vault.vaultId, snapshotId: SNAPSHOT, manifests };
  const records = (await Array.fromAsync(readRecords(access, location))).flat();
  return records.map(({ path }) => path);
}

describe('a manifest in several parts', () => {
  test('format.md 4.6: is read as one list, also when numbers are left out', async () => {
    const parts = [await part(0, ['a', 'b']), await part(3, []), await part(11, ['c'])];
    expect(await pathsOf(parts)).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['begins in front of the end of the one before', ['a', 'c'], ['b', 'd']],
    ['begins with the last path of the one before', ['a', 'c'], ['c', 'd']],
  ])('format.md 4.6: a part that %s is refused', async (_, one, other) => {
    const parts = [await part(0, one), await part(1, []), await part(2, other)];
    await expect(pathsOf(parts)).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      data: { object: parts[2]?.key, problem: 'malformed: its records are out of order' },
    });
  });

  test('a part under the number of another is refused', async () => {
    const [zero, one] = [await part(0, ['a']), await part(1, ['b'])];
    const swapped = [zero, { ...zero, key: one.key, versions: one.versions }];
    await expect(pathsOf(swapped)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
  });
});
