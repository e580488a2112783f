import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import type { Snapshot, StoredObject, Vault } from '../../shared/domain/records.ts';
import { planFor } from '../../shared/restore/restore-plan.ts';
import { restoreSnapshot } from '../../shared/restore/restore-snapshot.ts';
import {
  backUp,
  bytesIn,
  packsOf,
  partsOf,
  restoredFrom,
  sourceOf,
  textsOf,
} from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { MemoryTarget } from '../support/memory-target.ts';

const RECORDS = { '2026/a': 'one', '2026/b': 'two', c: 'three', large: 'x'.repeat(1_500_000) };

let world: MemoryServices;
let vault: Vault;
let snapshot: Snapshot;
let pack: StoredObject;
let manifest: StoredObject;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world);
  const source = sourceOf(world, vault);
  for (const [path, text] of Object.entries(RECORDS)) {
    source.put(path, text, { contentType: 'text/plain', metadata: { k: 'v' }, tags: { t: 'u' } });
  }
  snapshot = await backUp(world, vault);
  [manifest = snapshot.seal] = await partsOf(world, snapshot);
  [pack = snapshot.seal] = await packsOf(world, vault);
});

async function damage(
  copy: CopyName,
  stored: StoredObject,
  change: (bytes: Buffer) => Buffer,
): Promise<void> {
  const bytes = await bytesIn(world, copy, stored);
  world.copies[copy].damage(stored.key, stored.versions[copy] ?? '', change(bytes));
}

function flipped(at: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return bytes;
  };
}

function objectNamed(name: string): StoredObject {
  return { pack, manifest, seal: snapshot.seal }[name] ?? pack;
}

describe('a restore', () => {
  test.each(['primary', 'secondary', 'any'] as const)(
    'gives everything back from %s',
    async (from) => {
      expect(await restoredFrom(world, vault, snapshot, from)).toEqual(RECORDS);
    },
  );

  test('format.md 2.2: works from either copy while the other Region is gone', async () => {
    for (const [gone, left] of [
      ['primary', 'secondary'],
      ['secondary', 'primary'],
    ] as const) {
      world.copies[gone].available = false;
      world.custody.available[gone] = false;
      expect(await restoredFrom(world, vault, snapshot, left)).toEqual(RECORDS);
      expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(RECORDS);
      world.copies[gone].available = true;
      world.custody.available[gone] = true;
    }
  });

  test('brings content type, metadata and tags along, and tells its progress', async () => {
    const target = new MemoryTarget();
    const progress: number[] = [];
    const onProgress = ({ records }: { records: number }): number => progress.push(records);
    const wish = { patterns: ['c'], from: 'any', target, overwrite: false, onProgress } as const;
    const done = await restoreSnapshot(world.services, planFor(vault, snapshot), wish);
    expect(done).toEqual({ records: 1, bytes: 5 });
    expect(progress).toEqual([1]);
    expect(target.files.get('c')).toMatchObject({
      contentType: 'text/plain',
      metadata: { k: 'v' },
      tags: { t: 'u' },
    });
  });

  test('chooses by pattern', async () => {
    const chosen = await restoredFrom(world, vault, snapshot, 'any', ['2026', 'l*']);
    expect(Object.keys(chosen)).toEqual(['2026/a', '2026/b', 'large']);
  });

  test('reads seal, manifest and pack once each for one record', async () => {
    const asked: string[] = [];
    for (const copy of [world.copies.primary, world.copies.secondary]) {
      const read = copy.read.bind(copy);
      copy.read = (key, versionId) => {
        asked.push(key);
        return read(key, versionId);
      };
    }
    await restoredFrom(world, vault, snapshot, 'any', ['2026/a']);
    expect(asked).toEqual([snapshot.seal.key, manifest.key, pack.key]);
  });

  test('needs the seal and the keys only, not the ledger', async () => {
    const target = new MemoryTarget();
    const { copies, custody } = world.services;
    const wish = { patterns: [], from: 'any', target, overwrite: false } as const;
    await restoreSnapshot({ copies, custody }, planFor(vault, snapshot), wish);
    expect(textsOf(target)).toEqual(RECORDS);
  });

  test('format.md 1.2: reads the version it means, whatever lies on top of it', async () => {
    for (const copy of [world.copies.primary, world.copies.secondary]) {
      copy.overwrite(pack.key, Buffer.from('planted'));
      copy.hide(manifest.key);
    }
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(RECORDS);
  });
});

describe('what a restore refuses before it writes', () => {
  const refusal = async (target: MemoryTarget, patterns: string[] = []): Promise<unknown> => {
    const wish = { patterns, from: 'any', target, overwrite: false } as const;
    const restoring = restoreSnapshot(world.services, planFor(vault, snapshot), wish);
    return restoring.then(
      () => 'none',
      (error: { code: string; data: object }) => ({ code: error.code, ...error.data }),
    );
  };

  test('patterns that match nothing', async () => {
    expect(await refusal(new MemoryTarget(), ['2027/**'])).toMatchObject({
      code: 'NOTHING_MATCHES',
    });
  });

  test('a target that has some of the files', async () => {
    const target = new MemoryTarget();
    const wish = { patterns: ['c'], from: 'any', target, overwrite: false } as const;
    await restoreSnapshot(world.services, planFor(vault, snapshot), wish);
    expect(await refusal(target)).toEqual({ code: 'TARGET_EXISTS', count: 1 });
    expect([...target.files.keys()]).toEqual(['c']);
    const anew = { ...wish, patterns: [], overwrite: true };
    await restoreSnapshot(world.services, planFor(vault, snapshot), anew);
    expect(textsOf(target)).toEqual(RECORDS);
  });

  test('a target that cannot take some of the paths', async () => {
    const target = new MemoryTarget();
    target.examine = async () => ({ existing: 0, unsafe: 2 });
    expect(await refusal(target)).toEqual({ code: 'PATH_UNSAFE', count: 2 });
  });

  test('a target that cannot be written, whichever copy could be read', async () => {
    const target = new MemoryTarget();
    target.writable = false;
    expect(await refusal(target)).toMatchObject({ code: 'TARGET_UNWRITABLE' });
    expect(target.files.size).toBe(0);
  });
});

describe('format.md 5.3: a damaged object is named, and the other copy takes its place', () => {
  const cases: [string, string, (bytes: Buffer) => Buffer, string][] = [];
  for (const name of ['pack', 'manifest', 'seal']) {
    cases.push([name, 'cut to nothing', () => Buffer.alloc(0), 'truncated']);
    cases.push([name, 'cut in half', (b) => b.subarray(0, b.length / 2), 'truncated']);
    cases.push([name, 'a byte short', (b) => b.subarray(0, -1), 'truncated']);
    cases.push([name, 'longer', (b) => Buffer.concat([b, Buffer.alloc(1)]), 'altered']);
    cases.push([name, 'flipped in the middle', (b) => flipped(b.length >> 1)(b), 'altered']);
    cases.push([name, 'flipped at its end', (b) => flipped(b.length - 1)(b), 'altered']);
  }

  test.each(cases)('a %s that is %s', async (name, _, change, problem) => {
    const stored = objectNamed(name);
    await damage('primary', stored, change);
    const restoring = restoredFrom(world, vault, snapshot, 'primary');
    await expect(restoring).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      data: { copy: 'primary', object: stored.key, problem },
    });
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(RECORDS);
  });

  test.each(['pack', 'manifest', 'seal'])('a %s that is gone', async (name) => {
    const stored = objectNamed(name);
    world.copies.primary.lose(stored.key, stored.versions.primary ?? '');
    const restoring = restoredFrom(world, vault, snapshot, 'primary');
    await expect(restoring).rejects.toMatchObject({
      code: 'OBJECT_MISSING',
      data: { copy: 'primary', object: stored.key },
    });
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(RECORDS);
  });

  test('damage in the middle of a pack loses nothing that the other copy has', async () => {
    await damage('primary', pack, (bytes) => flipped(bytes.length - 500)(bytes));
    await damage('secondary', manifest, flipped(900));
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(RECORDS);
  });

  test('damage in both copies fails, and only verified records have appeared', async () => {
    await damage('primary', pack, (bytes) => flipped(bytes.length - 1)(bytes));
    await damage('secondary', pack, (bytes) => flipped(bytes.length - 1)(bytes));
    const target = new MemoryTarget();
    const wish = { patterns: [], from: 'any', target, overwrite: false } as const;
    const restoring = restoreSnapshot(world.services, planFor(vault, snapshot), wish);
    await expect(restoring).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
    expect(RECORDS).toMatchObject(textsOf(target));
    expect(target.files.has('large')).toBe(false);
  });
});

describe('a connection that breaks in the middle of an object', () => {
  const names = ['pack', 'manifest', 'seal'];

  function breakReads(key: string): void {
    const read = world.copies.primary.read.bind(world.copies.primary);
    world.copies.primary.read = async (asked, versionId) => {
      const whole = Buffer.concat(await Array.fromAsync(await read(asked, versionId)));
      if (asked !== key) {
        return Readable.from([whole]);
      }
      return Readable.from(
        (function* () {
          yield whole.subarray(0, whole.length / 2);
          throw Object.assign(new Error(`read of ${asked} failed`), { code: 'ECONNRESET' });
        })(),
      );
    };
  }

  test.each(names)('of a %s is not called damage, and the other copy goes on', async (name) => {
    const { key } = objectNamed(name);
    breakReads(key);
    const restoring = restoredFrom(world, vault, snapshot, 'primary');
    await expect(restoring).rejects.toMatchObject({
      code: 'COPY_UNAVAILABLE',
      data: { copy: 'primary', object: key },
    });
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(RECORDS);
  });
});

describe('an object that was swapped for another', () => {
  /** Makes the seal say what lies there now, as someone would who can write to a copy. */
  async function reseal(change: (text: string) => string): Promise<Snapshot> {
    const text = (await bytesIn(world, 'primary', snapshot.seal)).toString('utf8');
    const bytes = Buffer.from(change(text));
    world.copies.primary.damage(snapshot.seal.key, snapshot.seal.versions.primary ?? '', bytes);
    const seal = { ...snapshot.seal, size: bytes.length, sha256: hash('sha256', bytes, 'hex') };
    return { ...snapshot, seal };
  }

  async function swapIn(other: StoredObject): Promise<Snapshot> {
    const bytes = await bytesIn(world, 'primary', other);
    world.copies.primary.damage(pack.key, pack.versions.primary ?? '', bytes);
    return reseal((text) =>
      text
        .replace(pack.sha256, other.sha256)
        .replace(`"size": ${pack.size}`, `"size": ${other.size}`),
    );
  }

  const foreign = { code: 'OBJECT_DAMAGED', data: { problem: 'belongs to another object' } };

  test('format.md 2.4: for another pack of the same vault', async () => {
    sourceOf(world, vault).put('d', 'four');
    await backUp(world, vault);
    const [, later = pack] = await packsOf(world, vault);
    const swapped = await swapIn(later);
    const restoring = restoredFrom(world, vault, swapped, 'primary');
    await expect(restoring).rejects.toMatchObject(foreign);
  });

  test('format.md 2.4, 3.5: for a pack of another vault', async () => {
    const other = await registeredVault(world, { reference: 'B-2' });
    sourceOf(world, other).put('theirs', 'secret');
    await backUp(world, other);
    const [theirs = pack] = await packsOf(world, other);
    const restoring = restoredFrom(world, vault, await swapIn(theirs), 'primary');
    await expect(restoring).rejects.toMatchObject(foreign);
  });

  test('format.md 5.2: a manifest naming a pack that its seal does not list', async () => {
    const without = await reseal((text) => JSON.stringify({ ...JSON.parse(text), packs: [] }));
    const restoring = restoredFrom(world, vault, without, 'primary');
    await expect(restoring).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      data: {
        object: snapshot.seal.key,
        problem: 'incomplete: it names a pack that the seal does not list',
      },
    });
  });

  test('format.md 5.1: a seal of another snapshot', async () => {
    sourceOf(world, vault).put('d', 'four');
    const later = await backUp(world, vault);
    const mixed = { ...snapshot, seal: later.seal };
    const restoring = restoredFrom(world, vault, mixed, 'primary');
    await expect(restoring).rejects.toMatchObject(foreign);
  });
});

describe('keys that cannot be used', () => {
  // Before they are given back, as they are when nobody has decided to erase.
  beforeEach(() => world.pipeline.wire({ restoreKeys: async () => undefined }));

  test('one: the other Region’s opens everything', async () => {
    await world.custody.disable(vault.keys.primary);
    expect(await restoredFrom(world, vault, snapshot, 'any')).toEqual(RECORDS);
    const restoring = restoredFrom(world, vault, snapshot, 'primary');
    await expect(restoring).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
  });

  test('both: nothing opens, and it is not called damage', async () => {
    await world.custody.disable(vault.keys.primary);
    await world.custody.disable(vault.keys.secondary);
    const restoring = restoredFrom(world, vault, snapshot, 'any');
    await expect(restoring).rejects.toMatchObject({ code: 'KEYS_UNUSABLE' });
  });
});
