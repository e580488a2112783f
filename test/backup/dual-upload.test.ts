import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { uploadToBoth } from '../../shared/backup/dual-upload.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { PART_BYTES } from '../../shared/domain/limits.ts';
import type { StoredObject } from '../../shared/domain/records.ts';
import { repairObject } from '../../shared/repair/repair-object.ts';
import { bytesIn } from '../support/backed-up-vault.ts';
import { withFaults } from '../support/faulty-service.ts';
import { type MemoryServices, memoryServices } from '../support/memory-services.ts';

const MIB = 1024 * 1024;
const KEY = 'vaults/v/packs/p';
const WRITE = { lockedUntil: new Date('2026-12-10'), contentType: 'application/octet-stream' };

let world: MemoryServices;

beforeEach(() => {
  world = memoryServices();
});

/** Bytes that differ from place to place, in pieces of an odd size. */
async function* countingBytes(size: number): AsyncGenerator<Buffer> {
  const PIECE = 1_000_003;
  for (let start = 0; start < size; start += PIECE) {
    yield Buffer.alloc(Math.min(PIECE, size - start), `${start},`);
  }
}

async function upload(bytes: AsyncIterable<Buffer>): Promise<StoredObject> {
  return uploadToBoth(world.services.copies, KEY, WRITE, bytes);
}

describe('writing to both copies', () => {
  test.each([
    ['nothing', 0],
    ['a little', 1],
    ['what one request takes', 40 * MIB],
    ['a byte more', 40 * MIB + 1],
    ['full parts only', 3 * PART_BYTES],
    ['full parts and a little', 3 * PART_BYTES + 1],
  ])('%s arrives whole in both', async (_, size) => {
    const stored = await upload(countingBytes(size));
    const hash = createHash('sha256');
    for await (const piece of countingBytes(size)) {
      hash.update(piece);
    }
    const sha256 = hash.digest('hex');
    expect(stored).toMatchObject({ key: KEY, size, sha256 });
    for (const copy of ['primary', 'secondary'] as const) {
      const found = await bytesIn(world, copy, stored);
      expect(createHash('sha256').update(found).digest('hex')).toBe(sha256);
      expect(world.copies[copy].openUploads()).toBe(0);
    }
  });

  test('every part but the last has the size of a part', async () => {
    const sizes: number[] = [];
    const open = world.copies.primary.open.bind(world.copies.primary);
    world.copies.primary.open = async (key, write) => {
      const inner = await open(key, write);
      const writePart = (bytes: Uint8Array): Promise<void> => {
        sizes.push(bytes.length);
        return inner.writePart(bytes);
      };
      return { ...inner, writePart };
    };
    await upload(countingBytes(3 * PART_BYTES + 5));
    expect(sizes).toEqual([PART_BYTES, PART_BYTES, PART_BYTES, 5]);
  });

  test.each([
    ['open', 1],
    ['open.writePart', 1],
    ['open.writePart', 3],
    ['open.finish', 1],
  ])('when %s call %i fails in one copy, no upload stays open', async (method, call) => {
    const error = new Error('the copy failed');
    const fault = { method, call, when: 'before', error } as const;
    const faulty = withFaults(world.services.copies.secondary, [fault]);
    const copies = { ...world.services.copies, secondary: faulty.port };
    const writing = uploadToBoth(copies, KEY, WRITE, countingBytes(41 * MIB));
    await expect(writing).rejects.toBe(error);
    faulty.requireAllFired();
    expect(world.copies.primary.openUploads()).toBe(0);
    expect(world.copies.secondary.openUploads()).toBe(0);
    expect(await Array.fromAsync(world.copies.secondary.list(''))).toEqual([]);
  });

  test.each([
    ['put', 1, 1],
    ['open', 1, 41],
    ['open.writePart', 1, 41],
    ['open.writePart', 3, 41],
    ['open.finish', 1, 41],
  ])('when %s call %i is not answered, the other copy has it whole', async (method, call, mib) => {
    const data = { copy: 'secondary', object: KEY } as const;
    const error = new HoldfastError('COPY_UNAVAILABLE', data);
    const faulty = withFaults(world.services.copies.secondary, [
      { method, call, when: 'before', error },
    ]);
    const copies = { ...world.services.copies, secondary: faulty.port };
    const stored = await uploadToBoth(copies, KEY, WRITE, countingBytes(mib * MIB));
    faulty.requireAllFired();
    expect(stored.versions).toEqual({ primary: expect.any(String), secondary: null });
    const found = await bytesIn(world, 'primary', stored);
    expect(createHash('sha256').update(found).digest('hex')).toBe(stored.sha256);
    expect(world.copies.secondary.openUploads()).toBe(0);
    expect(await Array.fromAsync(world.copies.secondary.list(''))).toEqual([]);
  });

  test('when neither copy answers, it fails', async () => {
    world.copies.primary.available = false;
    world.copies.secondary.available = false;
    for (const mib of [1, 41]) {
      await expect(upload(countingBytes(mib * MIB))).rejects.toMatchObject({
        code: 'COPY_UNAVAILABLE',
      });
    }
  });

  test.each([1, 41])('%i MiB that one copy lacks are copied there and verified', async (mib) => {
    world.copies.secondary.available = false;
    const stored = await upload(countingBytes(mib * MIB));
    world.copies.secondary.available = true;
    const repaired = await repairObject(world.services.copies, stored, WRITE);
    const [one, other] = [
      await bytesIn(world, 'primary', stored),
      await bytesIn(world, 'secondary', repaired),
    ];
    expect(other.equals(one)).toBe(true);
    expect(await repairObject(world.services.copies, stored, WRITE)).toEqual(repaired);
  });

  test.each([1, 45])('when the stream fails after %i MiB, nothing can be seen', async (mib) => {
    const error = new Error('the source broke off');
    async function* failing(): AsyncGenerator<Buffer> {
      yield* countingBytes(mib * MIB);
      throw error;
    }
    await expect(upload(failing())).rejects.toBe(error);
    for (const copy of [world.copies.primary, world.copies.secondary]) {
      expect(copy.openUploads()).toBe(0);
      expect(await Array.fromAsync(copy.list(''))).toEqual([]);
    }
  });
});
