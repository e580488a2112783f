import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { pack as createTar } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { openMessage } from '../../shared/format/compressed-message.ts';
import { encryptingStream } from '../../shared/format/encrypting-stream.ts';
import { entryName } from '../../shared/format/entry-name.ts';
import type { MessageIdentity } from '../../shared/format/message.ts';
import { readPack } from '../../shared/format/pack-reader.ts';
import { PackWriter } from '../../shared/format/pack-writer.ts';
import { rawKeyring } from '../support/raw-keyring.ts';
import { copied, inMemory, inPieces, ORIGIN, plaintextOf } from '../support/read-message.ts';

const IDENTITY: MessageIdentity = { vaultId: 'V', snapshotId: 'S', object: 'pack/P' };
const keyring = rawKeyring();

function newPack(): PackWriter<Buffer> {
  return new PackWriter(keyring, IDENTITY, inMemory);
}

function entry(name: string, size: number, modified = '2026-10-31T12:34:56.789Z') {
  return { name, size, modified: new Date(modified) };
}

async function unpack(message: Buffer): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const plaintext = openMessage(inPieces(message), keyring, IDENTITY, ORIGIN);
  for await (const { name, pieces } of readPack(plaintext, ORIGIN)) {
    found.set(name, await copied(pieces()));
  }
  return found;
}

async function* failing(error: Error): AsyncGenerator<Buffer> {
  yield Buffer.alloc(10);
  throw error;
}

describe('a pack', () => {
  test('format.md 3.1: gives back every record whole, small or streamed', async () => {
    const small = Buffer.from('会议纪要');
    const large = randomBytes(3_000_000);
    const pack = newPack();
    await pack.addBytes(entry('2026/客户/纪要.txt', small.length), small);
    await pack.addBytes(entry('empty', 0), Buffer.alloc(0));
    const sha256 = await pack.addStream(entry('large', large.length), inPieces(large));
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    await pack.addStream(entry('streamed empty', 0), inPieces(Buffer.alloc(0)));
    const found = await unpack(await pack.finish());
    expect([...found.keys()]).toEqual(['2026/客户/纪要.txt', 'empty', 'large', 'streamed empty']);
    expect(found.get('2026/客户/纪要.txt')).toEqual(small);
    expect(found.get('large')?.equals(large)).toBe(true);
    expect(found.get('empty')).toHaveLength(0);
  });

  test.each([
    ['2026-10-31T12:34:56.789Z', 1793450096],
    ['2061-01-01T00:00:00.000Z', 2871763200],
    ['1960-01-01T00:00:00.000Z', -315619200],
  ])('format.md 3.4: a file modified at %s keeps its second', async (modified, seconds) => {
    const pack = newPack();
    await pack.addBytes(entry('a', 1, modified), Buffer.from('x'));
    const tar = await plaintextOf(await pack.finish(), keyring, IDENTITY);
    const header = tar.subarray(seconds > 0 && seconds < 2 ** 31 ? 0 : 1024);
    const inHeader = Number.parseInt(header.toString('latin1', 136, 147), 8);
    const inPax = /mtime=(-?\d+)\n/.exec(tar.toString('latin1', 512, 1024))?.[1];
    expect(inPax === undefined ? inHeader : Number(inPax)).toBe(seconds);
    expect(header.toString('latin1', 156, 157)).toBe('0');
    expect(Number.parseInt(header.toString('latin1', 100, 106), 8)).toBe(0o644);
  });

  test('a stream shorter or longer than stated loses the pack', async () => {
    for (const size of [9, 11]) {
      const pack = newPack();
      const adding = pack.addStream(entry('a', size), inPieces(Buffer.alloc(10)));
      await expect(adding).rejects.toThrow('Size mismatch');
      await expect(pack.finish()).rejects.toThrow();
    }
  });

  test('what a record’s stream throws is thrown, and the store sees its input fail', async () => {
    const failure = new Error('the source broke off');
    const pack = newPack();
    await expect(pack.addStream(entry('a', 100), failing(failure))).rejects.toBe(failure);
    await pack.abandon();
  });

  test('what the store throws is thrown to whoever writes next', async () => {
    const failure = new Error('the copy failed');
    const pack = new PackWriter(keyring, IDENTITY, () => Promise.reject(failure));
    const addMuch = async (): Promise<void> => {
      for (let index = 0; index < 40; index += 1) {
        await pack.addBytes(entry(`${index}`, 500_000), randomBytes(500_000));
      }
      await pack.finish();
    };
    await expect(addMuch()).rejects.toBe(failure);
  });

  test('an abandoned pack fails its store and nothing else', async () => {
    let outcome: unknown;
    const pack = new PackWriter(keyring, IDENTITY, async (message) => {
      outcome = await buffer(message).catch((error: Error) => error.message);
    });
    await pack.addBytes(entry('a', 1), Buffer.from('x'));
    await pack.abandon();
    expect(outcome).toEqual(expect.any(String));
  });
});

describe('the name of a tar entry', () => {
  test.each([
    'a',
    'a/b.txt',
    '.hidden',
    'C:/x',
    'a b',
    '会议/纪要.pdf',
    'é',
    'é',
    'a\\b',
    '-rf',
    '😀',
  ])('format.md 3.2: is the path "%s"', (path) => {
    expect(entryName(path)).toBe(path);
  });

  test.each([
    ['a leading slash', '/a'],
    ['two slashes', 'a//b'],
    ['a trailing slash', 'a/'],
    ['a parent folder', 'a/../b'],
    ['this folder', './a'],
    ['a NUL', 'a\0b'],
    ['a part of 256 bytes', `${'é'.repeat(128)}/a`],
    ['the folder of escaped names', 'holdfast-escaped/a'],
    ['half a character', 'a\ud800'],
    ['nothing', ''],
  ])('format.md 3.3: is made from the hash of a path with %s', (_, path) => {
    expect(entryName(path)).toMatch(/^holdfast-escaped\/[0-9a-f]{64}$/);
    expect(entryName(path)).not.toBe(entryName(`${path}x`));
  });
});

describe('reading a pack that is not one', () => {
  const problemOf = async (plaintext: Buffer): Promise<unknown> => {
    try {
      for await (const { pieces } of readPack(inPieces(plaintext), ORIGIN)) {
        await copied(pieces());
      }
      return 'none';
    } catch (error) {
      return (error as { data?: { problem?: string } }).data?.problem;
    }
  };

  test('no tar archive', async () => {
    const noTar = 'malformed: its tar archive cannot be read';
    expect(await problemOf(randomBytes(2000))).toBe(noTar);
  });

  test.each([100, 600, 1100])('a tar archive cut at byte %i', async (at) => {
    const tar = createTar();
    tar.entry({ name: 'a' }, 'x'.repeat(800));
    tar.finalize();
    const bytes = Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Buffer>));
    expect(await problemOf(bytes.subarray(0, at))).toBe(
      'malformed: its tar archive cannot be read',
    );
  });

  test('format.md 3.4: a symbolic link in it', async () => {
    const tar = createTar();
    tar.entry({ name: 'a', type: 'symlink', linkname: '/etc/passwd' });
    tar.finalize();
    const bytes = Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Buffer>));
    expect(await problemOf(bytes)).toBe('malformed: it holds something that is not a file');
  });

  test('a message whose plaintext is cut inside zstd', async () => {
    const cut = zstdCompressSync(randomBytes(5000)).subarray(0, 3000);
    const stream = encryptingStream(keyring, IDENTITY);
    stream.end(cut);
    const opening = plaintextOf(await buffer(stream), keyring, IDENTITY);
    await expect(opening).rejects.toMatchObject({ data: { problem: 'truncated' } });
  });
});
