import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { PART_BYTES } from '../../shared/domain/limits.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import type { Copy, CopyListing } from '../../shared/ports/copy.ts';

/** A copy, and what the world around it can do. */
export interface CopyUnderTest {
  readonly copy: Copy;
  readonly now: () => Date;
  readonly moveDays: (days: number) => Promise<void>;
  /** Someone outside Holdfast adds a newer version under the same key. */
  readonly overwrite: (key: string, bytes: Uint8Array) => Promise<void>;
  /** Someone outside Holdfast puts a delete marker in front. */
  readonly hide: (key: string) => Promise<void>;
  /** How many multi-part writes are open. */
  readonly openUploads: () => Promise<number>;
}

const BYTES = Buffer.from('ciphertext');

/** @param open - called once; the copy is empty then. */
export function describeCopyContract(name: string, open: () => Promise<CopyUnderTest>): void {
  describe(`copy contract: ${name}`, () => {
    let world: CopyUnderTest;
    let copy: Copy;
    let keys = 0;

    const newKey = (): string => {
      keys += 1;
      return `vaults/vault-${keys}/packs/pack-${keys}`;
    };
    const lockDays = (days: number): Date => wholeSecond(daysAfter(world.now(), days));
    const put = (key: string, bytes: Uint8Array = BYTES, days = 30): Promise<string> =>
      copy.put(key, bytes, {
        lockedUntil: lockDays(days),
        contentType: 'application/octet-stream',
        sha256: sha256Of(bytes),
      });
    const read = async (key: string, versionId: string): Promise<Buffer> =>
      buffer(await copy.read(key, versionId));
    const list = async (prefix: string): Promise<CopyListing[]> => {
      const found: CopyListing[] = [];
      for await (const listing of copy.list(prefix)) {
        found.push(listing);
      }
      return found;
    };

    beforeAll(async () => {
      world = await open();
      copy = world.copy;
    });

    describe('whole objects', () => {
      test.each([0, 1, 200_000])('an object of %i bytes is read back at once', async (size) => {
        const [key, bytes] = [newKey(), randomBytes(size)];
        const versionId = await put(key, bytes);
        expect((await read(key, versionId)).equals(bytes)).toBe(true);
        expect((await copy.inspect(key, versionId))?.size).toBe(size);
      });

      test('an object is locked from birth, for as long as was asked', async () => {
        const key = newKey();
        const lockedUntil = lockDays(35);
        const versionId = await put(key, BYTES, 35);
        expect((await copy.inspect(key, versionId))?.lockedUntil).toEqual(lockedUntil);
      });

      test('the store tells the SHA-256 of an object that was written whole', async () => {
        const key = newKey();
        const versionId = await put(key);
        expect((await copy.inspect(key, versionId))?.sha256).toBe(sha256Of(BYTES));
      });

      test('bytes with another SHA-256 are refused and leave nothing', async () => {
        const key = newKey();
        const write = { lockedUntil: lockDays(1), contentType: 'text/plain' };
        const refused = copy.put(key, BYTES, { ...write, sha256: sha256Of(Buffer.from('other')) });
        await expect(refused).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
        expect(await list(key)).toEqual([]);
      });

      test('a repeated write of the same bytes gives the same version', async () => {
        const key = newKey();
        const versionId = await put(key);
        expect(await put(key)).toBe(versionId);
        expect(await list(key)).toHaveLength(1);
      });

      test('other bytes lie beside an object when that is asked for, locked as well', async () => {
        const key = newKey();
        const [first, other] = [await put(key), Buffer.from('other')];
        const write = { lockedUntil: lockDays(30), contentType: 'text/plain', besides: true };
        const second = await copy.put(key, other, { ...write, sha256: sha256Of(other) });
        const upload = await copy.open(key, write);
        await upload.writePart(other);
        const third = await upload.finish();
        expect((await list(key)).map(({ versionId }) => versionId)).toEqual([third, second, first]);
        expect(await read(key, first)).toEqual(BYTES);
        expect(await read(key, second)).toEqual(other);
        const { lockedUntil } = write;
        expect((await copy.inspect(key, third))?.lockedUntil).toEqual(lockedUntil);
      });

      test('other bytes never take the place of an object', async () => {
        const key = newKey();
        const versionId = await put(key);
        await expect(put(key, Buffer.from('other'))).rejects.toMatchObject({
          code: 'OBJECT_DAMAGED',
        });
        expect(await list(key)).toHaveLength(1);
        expect(await read(key, versionId)).toEqual(BYTES);
      });
    });

    describe('writes in parts', () => {
      const open = (key: string, days = 30) =>
        copy.open(key, { lockedUntil: lockDays(days), contentType: 'application/octet-stream' });

      test('parts become one object, locked from birth', async () => {
        const key = newKey();
        const lockedUntil = lockDays(30);
        const parts = [Buffer.alloc(PART_BYTES, 'a'), Buffer.from('the rest')];
        const upload = await open(key);
        for (const part of parts) {
          await upload.writePart(part);
        }
        expect(await list(key)).toEqual([]);
        const versionId = await upload.finish();
        expect(await copy.inspect(key, versionId)).toEqual({
          size: PART_BYTES + 8,
          lockedUntil,
          legalHold: false,
          sha256: null,
        });
        expect((await read(key, versionId)).equals(Buffer.concat(parts))).toBe(true);
      });

      test('an object without any part is empty', async () => {
        const key = newKey();
        const versionId = await (await open(key)).finish();
        expect(await copy.inspect(key, versionId)).toMatchObject({ size: 0 });
      });

      test('an aborted write leaves nothing, not even parts', async () => {
        const key = newKey();
        const upload = await open(key);
        await upload.writePart(BYTES);
        await upload.abort();
        expect(await list(key)).toEqual([]);
        expect(await world.openUploads()).toBe(0);
        await expect(upload.finish()).rejects.toThrow();
      });

      test('aborting twice is harmless', async () => {
        const upload = await open(newKey());
        await upload.abort();
        await expect(upload.abort()).resolves.toBeUndefined();
      });
    });

    describe('versions', () => {
      test('a newer version by someone else changes nothing for a reader', async () => {
        const key = newKey();
        const versionId = await put(key);
        await world.overwrite(key, Buffer.from('something else'));
        expect(await read(key, versionId)).toEqual(BYTES);
        expect(await copy.inspect(key, versionId)).toMatchObject({ size: BYTES.length });
      });

      test('a delete marker by someone else changes nothing for a reader', async () => {
        const key = newKey();
        const versionId = await put(key);
        await world.hide(key);
        expect(await read(key, versionId)).toEqual(BYTES);
        expect((await copy.inspect(key, versionId))?.lockedUntil).not.toBeNull();
      });

      test('a version that is not there is missing', async () => {
        const [key, other] = [newKey(), newKey()];
        const versionId = await put(key);
        expect(await copy.inspect(other, versionId)).toBeUndefined();
        const code = 'OBJECT_MISSING';
        await expect(copy.read(other, versionId)).rejects.toMatchObject({ code });
        const extended = copy.extendLock(other, versionId, lockDays(9));
        await expect(extended).rejects.toMatchObject({ code });
        const held = copy.setLegalHold(other, versionId, true);
        await expect(held).rejects.toMatchObject({ code });
      });

      test('an object without a lock is said to have none', async () => {
        const key = newKey();
        await world.overwrite(key, BYTES);
        const [listing] = await list(key);
        expect(await copy.inspect(key, listing?.versionId ?? '')).toEqual({
          size: BYTES.length,
          lockedUntil: null,
          legalHold: false,
          sha256: null,
        });
      });
    });

    describe('locks', () => {
      test('a lock is extended', async () => {
        const key = newKey();
        const versionId = await put(key, BYTES, 10);
        const until = lockDays(40);
        await copy.extendLock(key, versionId, until);
        await copy.extendLock(key, versionId, until);
        expect((await copy.inspect(key, versionId))?.lockedUntil).toEqual(until);
      });

      test('a lock is never shortened', async () => {
        const key = newKey();
        const until = lockDays(40);
        const versionId = await put(key, BYTES, 40);
        await copy.extendLock(key, versionId, lockDays(10));
        expect((await copy.inspect(key, versionId))?.lockedUntil).toEqual(until);
      });

      test('an object without a lock gets one', async () => {
        const key = newKey();
        await world.overwrite(key, BYTES);
        const versionId = (await list(key))[0]?.versionId ?? '';
        const until = lockDays(5);
        await copy.extendLock(key, versionId, until);
        expect((await copy.inspect(key, versionId))?.lockedUntil).toEqual(until);
      });

      test('a lock that has ended already is refused, and nothing is written', async () => {
        const key = newKey();
        const past = { lockedUntil: lockDays(-1), contentType: 'text/plain' };
        const code = 'COPY_DENIED';
        const written = copy.put(key, BYTES, { ...past, sha256: sha256Of(BYTES) });
        await expect(written).rejects.toMatchObject({ code });
        await expect(copy.open(key, past)).rejects.toMatchObject({ code });
        expect(await list(key)).toEqual([]);
        expect(await world.openUploads()).toBe(0);
      });

      test('a repeated write is refused once its lock would have ended', async () => {
        const key = newKey();
        const write = { lockedUntil: lockDays(1), contentType: 'text/plain' };
        const versionId = await copy.put(key, BYTES, { ...write, sha256: sha256Of(BYTES) });
        await world.moveDays(2);
        const repeated = copy.put(key, BYTES, { ...write, sha256: sha256Of(BYTES) });
        await expect(repeated).rejects.toMatchObject({ code: 'COPY_DENIED' });
        expect((await list(key)).map((listing) => listing.versionId)).toEqual([versionId]);
      });

      test('no lock is extended to a time that is past', async () => {
        const key = newKey();
        await world.overwrite(key, BYTES);
        const versionId = (await list(key))[0]?.versionId ?? '';
        const extended = copy.extendLock(key, versionId, lockDays(-1));
        await expect(extended).rejects.toMatchObject({ code: 'COPY_DENIED' });
        expect((await copy.inspect(key, versionId))?.lockedUntil).toBeNull();
      });

      test('removal is refused while the lock lasts, and done after it', async () => {
        const key = newKey();
        const versionId = await put(key, BYTES, 10);
        const code = 'OBJECT_LOCKED';
        await expect(copy.remove(key, versionId)).rejects.toMatchObject({ code });
        await world.moveDays(9);
        await expect(copy.remove(key, versionId)).rejects.toMatchObject({ code });
        expect(await read(key, versionId)).toEqual(BYTES);
        await world.moveDays(2);
        await copy.remove(key, versionId);
        expect(await copy.inspect(key, versionId)).toBeUndefined();
        await expect(copy.remove(key, versionId)).resolves.toBeUndefined();
      });

      test('a legal hold keeps a version whose lock has ended, until it is off', async () => {
        const key = newKey();
        const versionId = await put(key, BYTES, 1);
        await copy.setLegalHold(key, versionId, true);
        await copy.setLegalHold(key, versionId, true);
        await world.moveDays(2);
        expect((await copy.inspect(key, versionId))?.legalHold).toBe(true);
        const code = 'OBJECT_LOCKED';
        await expect(copy.remove(key, versionId)).rejects.toMatchObject({ code });
        await copy.setLegalHold(key, versionId, false);
        await copy.setLegalHold(key, versionId, false);
        expect((await copy.inspect(key, versionId))?.legalHold).toBe(false);
        await copy.remove(key, versionId);
        expect(await copy.inspect(key, versionId)).toBeUndefined();
      });

      test('removing one version leaves the others', async () => {
        const key = newKey();
        const versionId = await put(key);
        await world.overwrite(key, Buffer.from('stranger'));
        const strange = (await list(key)).find((listing) => listing.versionId !== versionId);
        await copy.remove(key, strange?.versionId ?? '');
        expect((await list(key)).map((listing) => listing.versionId)).toEqual([versionId]);
      });
    });

    describe('lists', () => {
      test('keys are listed in UTF-8 order, whatever characters they have', async () => {
        // U+1F600 is two UTF-16 units below U+FF01, but a longer UTF-8 sequence above it.
        const names = ['a b+c', 'a%2Fb', 'a/é', 'a/日本', 'a/！', 'a/😀', "a&<>'", 'a?#=', 'b\n'];
        const prefix = 'odd/';
        for (const odd of names.toReversed()) {
          await put(prefix + odd, Buffer.from(odd));
        }
        const expected = names.map((odd) => prefix + odd).toSorted(byBytes);
        expect((await list(prefix)).map(({ key }) => key)).toEqual(expected);
      });

      test('a prefix is matched exactly', async () => {
        await put('pre/1/x');
        await put('pre/10/x');
        expect((await list('pre/1/')).map(({ key }) => key)).toEqual(['pre/1/x']);
      });

      test('folders are listed in order, once, also one that is hidden', async () => {
        for (const key of ['top/b/1', 'top/b/2', 'top/c/1', 'top/plain', 'top/a/1/deep']) {
          await put(key);
        }
        await world.hide('top/d/1');
        const folders = async (after?: string) => Array.fromAsync(copy.listFolders('top/', after));
        expect(await folders()).toEqual(['top/a/', 'top/b/', 'top/c/', 'top/d/']);
        expect(await folders('top/b/')).toEqual(['top/c/', 'top/d/']);
        expect(await folders('top/d/')).toEqual([]);
      });

      test('all versions and delete markers are listed, newest first', async () => {
        const key = newKey();
        const versionId = await put(key, BYTES);
        await world.overwrite(key, Buffer.from('longer than before'));
        await world.hide(key);
        const found = await list(key);
        expect(found.map(({ isDeleteMarker }) => isDeleteMarker)).toEqual([true, false, false]);
        expect(found.map(({ size }) => size)).toEqual([0, 18, BYTES.length]);
        expect(found[2]).toMatchObject({ key, versionId });
      });
    });
  });
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** Locks are kept to the second by some stores. */
function wholeSecond(date: Date): Date {
  return new Date(Math.ceil(date.getTime() / 1000) * 1000);
}
