import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ManifestRecord } from '../../shared/format/manifest-record.ts';
import type { Target } from '../../shared/ports/target.ts';
import { failingRecord, verifiedInPieces, verifiedWhole } from '../support/verified-content.ts';

/** A target, and a way to see what lies in it. */
export interface TargetUnderTest {
  readonly target: Target;
  /** The bytes at a path, `undefined` when there is nothing. */
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
  /** Puts a file there as somebody else would. */
  readonly put: (path: string, bytes: Uint8Array) => Promise<void>;
  /** Names of everything that lies in the target, half-written files included. */
  readonly names: () => Promise<string[]>;
  /** What a target keeps beside the bytes; left out where it keeps nothing. */
  readonly properties?: (path: string) => Promise<{
    readonly contentType: string | null;
    readonly metadata: Readonly<Record<string, string>>;
    readonly tags: Readonly<Record<string, string>>;
  }>;
  /** Bytes beyond which the target writes in parts, default 1 MiB. */
  readonly largeBytes?: number;
  /** Whether a name is either a file or a folder, so that `c` and `c/d` cannot both be records. */
  readonly hasFolders?: boolean;
}

const CONTENT = Buffer.from('会议纪要\r\n');

/** @param open - called for each test; gives an empty target. */
export function describeTargetContract(name: string, open: () => Promise<TargetUnderTest>): void {
  describe(`target contract: ${name}`, () => {
    let world: TargetUnderTest;
    let target: Target;

    beforeEach(async () => {
      world = await open();
      target = world.target;
    });

    describe('writing', () => {
      test.each(['a.txt', '2026/客户/a b+c%20.txt', 'deep/er/and/deeper/x', '.hidden', 'end#?&'])(
        'a record appears at "%s" with its bytes',
        async (path) => {
          await target.write(verifiedWhole(recordOf(path, CONTENT), CONTENT), false);
          expect(await world.read(path)).toEqual(CONTENT);
          expect(await world.names()).toHaveLength(1);
        },
      );

      test('an empty record appears', async () => {
        const nothing = Buffer.alloc(0);
        await target.write(verifiedWhole(recordOf('empty', nothing), nothing), false);
        expect(await world.read('empty')).toHaveLength(0);
      });

      test('a small record in pieces appears whole', async () => {
        await target.write(verifiedInPieces(recordOf('a.txt', CONTENT), CONTENT), false);
        expect(await world.read('a.txt')).toEqual(CONTENT);
      });

      test('a large record appears whole', async () => {
        const bytes = largeBytes(world);
        await target.write(verifiedInPieces(recordOf('large', bytes), bytes), false);
        const found = await world.read('large');
        expect(found && Buffer.compare(found, bytes)).toBe(0);
      });

      test('content type, metadata and tags come back where the target keeps them', async () => {
        const kept = {
          contentType: 'application/pdf',
          metadata: { 'case-number': '42' },
          tags: { class: 'engagement', 'retain for': '10 years+/=' },
        };
        const record = { ...recordOf('a.pdf', CONTENT), ...kept };
        await target.write(verifiedWhole(record, CONTENT), false);
        expect((await world.properties?.('a.pdf')) ?? kept).toEqual(kept);
      });
    });

    describe('nothing unverified appears', () => {
      test.each([
        ['other bytes of the same size', Buffer.from('会议纪录\r\n')],
        ['too few bytes', CONTENT.subarray(0, 5)],
        ['too many bytes', Buffer.concat([CONTENT, CONTENT])],
        ['no bytes', Buffer.alloc(0)],
      ])('%s', async (_, bytes) => {
        const write = target.write(verifiedInPieces(recordOf('a.txt', CONTENT), bytes), false);
        await expect(write).rejects.toThrow();
        expect(await world.names()).toEqual([]);
      });

      test('other bytes in a large record', async () => {
        const bytes = largeBytes(world);
        const record = recordOf('large', bytes);
        const changed = Buffer.from(bytes);
        changed[changed.length - 1] = 1;
        await expect(target.write(verifiedInPieces(record, changed), false)).rejects.toThrow();
        expect(await world.names()).toEqual([]);
      });

      test.each([0, 1])('a body that fails, large: %i', async (isLarge) => {
        const bytes = isLarge === 1 ? largeBytes(world) : CONTENT;
        const failure = new Error('the pack is damaged');
        const record = recordOf('a.txt', bytes);
        const write = target.write(failingRecord(record, bytes, failure), false);
        await expect(write).rejects.toBe(failure);
        expect(await world.names()).toEqual([]);
      });

      test('a failed overwrite leaves the file that was there', async () => {
        await world.put('a.txt', Buffer.from('before'));
        const failure = new Error('the pack is damaged');
        const record = recordOf('a.txt', CONTENT);
        const write = target.write(failingRecord(record, CONTENT, failure), true);
        await expect(write).rejects.toBe(failure);
        expect(Buffer.from((await world.read('a.txt')) ?? [])).toEqual(Buffer.from('before'));
        expect(await world.names()).toHaveLength(1);
      });
    });

    describe('files that are there already', () => {
      test('an existing file is kept unless overwriting was asked for', async () => {
        await world.put('a.txt', Buffer.from('before'));
        const record = recordOf('a.txt', CONTENT);
        const write = target.write(verifiedWhole(record, CONTENT), false);
        await expect(write).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
        expect(Buffer.from((await world.read('a.txt')) ?? [])).toEqual(Buffer.from('before'));
        await target.write(verifiedWhole(record, CONTENT), true);
        expect(await world.read('a.txt')).toEqual(CONTENT);
        expect(await world.names()).toHaveLength(1);
      });

      test('an existing large file is kept as well', async () => {
        const bytes = largeBytes(world);
        await world.put('large', Buffer.from('before'));
        const write = target.write(verifiedInPieces(recordOf('large', bytes), bytes), false);
        await expect(write).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
        expect(Buffer.from((await world.read('large')) ?? [])).toEqual(Buffer.from('before'));
      });

      test('examining an empty target finds nothing', async () => {
        expect(await target.examine(pathsOf('a', 'b'))).toEqual({ existing: 0, unsafe: 0 });
      });

      test('examining counts exactly the paths that exist', async () => {
        for (const path of ['a b+c', 'b/1', 'b/10', 'b/日本', 'c/😀', 'd']) {
          await world.put(path, CONTENT);
        }
        const asked = pathsOf('a b+c', 'b/1', 'b/11', 'b/日本', 'c', 'c/！', 'c/😀', 'z');
        const unsafe = world.hasFolders === true ? 1 : 0;
        expect(await target.examine(asked)).toEqual({ existing: 4, unsafe });
      });
    });
  });
}

/** A manifest's line for these bytes. */
export function recordOf(path: string, bytes: Uint8Array): ManifestRecord {
  return {
    path,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    modified: '2026-10-31T12:34:56.000Z',
    etag: 'etag',
    contentType: null,
    metadata: {},
    tags: {},
    pack: 'pack-1',
  };
}

function largeBytes({ largeBytes = 1024 * 1024 }: TargetUnderTest): Buffer {
  return Buffer.alloc(largeBytes + 100_000, 'abcdefghijk');
}

/** Paths in order, in batches of two. */
async function* pathsOf(...paths: string[]): AsyncGenerator<string[]> {
  const sorted = paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (let start = 0; start < sorted.length; start += 2) {
    yield sorted.slice(start, start + 2);
  }
}
