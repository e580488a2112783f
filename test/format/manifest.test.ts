import { describe, expect, test } from 'vitest';
import { compareUtf8 } from '../../shared/domain/utf8-order.ts';
import { readManifestLines } from '../../shared/format/manifest-reader.ts';
import {
  isRecord,
  type ManifestLine,
  type ManifestRecord,
} from '../../shared/format/manifest-record.ts';
import { ManifestWriter } from '../../shared/format/manifest-writer.ts';
import type { MessageIdentity } from '../../shared/format/message.ts';
import { rawKeyring } from '../support/raw-keyring.ts';
import { inMemory, inPieces, ORIGIN, plaintextOf } from '../support/read-message.ts';

const IDENTITY: MessageIdentity = { vaultId: 'V', snapshotId: 'S', object: 'manifest/0' };
const keyring = rawKeyring();

function record(path: string, rest: Partial<ManifestRecord> = {}): ManifestRecord {
  return {
    path,
    size: 3,
    sha256: 'ab'.repeat(32),
    modified: '2026-10-31T12:34:56.000Z',
    etag: '"x"',
    contentType: 'text/plain',
    metadata: { 'case-number': '42' },
    tags: { 类别: '合同' },
    pack: '01M6DMBE000000000000000002',
    ...rest,
  };
}

async function written(records: readonly ManifestRecord[]): Promise<Buffer> {
  const manifest = new ManifestWriter(keyring, IDENTITY, inMemory);
  for (const one of records) {
    await manifest.write(one);
  }
  return plaintextOf(await manifest.finish(), keyring, IDENTITY);
}

async function readLines(plaintext: Buffer, pieces = 7): Promise<ManifestLine[]> {
  return (await Array.fromAsync(readManifestLines(inPieces(plaintext, pieces), ORIGIN))).flat();
}

async function read(plaintext: Buffer, pieces = 7): Promise<ManifestRecord[]> {
  return (await readLines(plaintext, pieces)).filter(isRecord);
}

const ODD_PATHS = [
  '/a',
  'a\nb',
  'a//b',
  '..',
  'a/',
  '\u00e9',
  'e\u0301',
  '\uffff',
  '😀',
  'x'.repeat(1024),
];

describe('a manifest', () => {
  test('format.md 4.1: is one JSON object per line', async () => {
    const plaintext = await written([record('a'), record('b', { entry: 'holdfast-escaped/1' })]);
    const lines = plaintext.toString('utf8').split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('');
    expect(JSON.parse(lines[1] ?? '')).toEqual(record('b', { entry: 'holdfast-escaped/1' }));
  });

  test('format.md 4.3: gives back every field of every odd path', async () => {
    const records = ODD_PATHS.sort(compareUtf8).map((path) => record(path));
    expect(await read(await written(records))).toEqual(records);
  });

  test('has no record', async () => {
    expect(await read(await written([]))).toEqual([]);
  });

  test('is read in any pieces', async () => {
    const records = Array.from({ length: 3000 }, (_, index) =>
      record(`客户/${String(index).padStart(6, '0')}`),
    );
    const plaintext = await written(records);
    expect(await read(plaintext, 100_000)).toEqual(records);
    expect(await read(plaintext, 997)).toEqual(records);
  });

  test('format.md 4.2: cannot be written out of order or with a path twice', async () => {
    await expect(written([record('b'), record('a')])).rejects.toThrow('ascending order');
    await expect(written([record('a'), record('a')])).rejects.toThrow('ascending order');
    // U+FFFF is before U+1F600 in UTF-8, and behind it in UTF-16.
    await expect(written([record('\uffff'), record('😀')])).resolves.toBeDefined();
  });

  const good = JSON.stringify(record('a'));
  test.each([
    ['a line that is no JSON', '{\n', 'malformed: a line is not a record'],
    ['an empty line', `${good}\n\n`, 'malformed: a line is not a record'],
    [
      'a size below zero',
      `${good.replace('"size":3', '"size":-3')}\n`,
      'malformed: a line is not a record',
    ],
    [
      'a field missing',
      `${good.replace('"etag"', '"other"')}\n`,
      'malformed: a line is not a record',
    ],
    [
      'a hash that is none',
      `${good.replace('abab', 'ABAB')}\n`,
      'malformed: a line is not a record',
    ],
    [
      'lines out of order',
      `${JSON.stringify(record('b'))}\n${good}\n`,
      'malformed: its records are out of order',
    ],
    ['a path twice', `${good}\n${good}\n`, 'malformed: its records are out of order'],
    ['no line feed at its end', good, 'malformed: its last line has no end'],
    ['an endless line', 'x'.repeat(1_100_000), 'malformed: a line is too long'],
  ])('format.md 4.4: with %s is refused', async (_, text, problem) => {
    const reading = read(Buffer.from(text), 500_000);
    await expect(reading).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', data: { problem } });
  });

  test('format.md 4.4: that is not UTF-8 is refused', async () => {
    const reading = read(Buffer.from([0x7b, 0xff, 0xfe, 0x0a]));
    await expect(reading).rejects.toMatchObject({
      data: { problem: 'malformed: it is not UTF-8' },
    });
  });

  const listed = { path: 'b', size: 9, modified: '2026-10-31T12:34:56.000Z', etag: 'x' };

  test('format.md 4.7: names what was skipped, and does not take it for a record', async () => {
    const lines = [record('a'), { ...listed, skipped: 'archived' }, record('c')];
    const manifest = new ManifestWriter(keyring, IDENTITY, inMemory);
    for (const line of lines) {
      await manifest.write(line);
    }
    const plaintext = await plaintextOf(await manifest.finish(), keyring, IDENTITY);
    expect(await read(plaintext)).toEqual([record('a'), record('c')]);
    expect(await readLines(plaintext)).toEqual(lines);
  });

  test.each([
    ['out of order', `${good}\n${JSON.stringify({ ...listed, path: 'A', skipped: 'denied' })}\n`],
    ['without a reason', `${JSON.stringify({ ...listed, skipped: '' })}\n`],
    ['with a size that is none', `${JSON.stringify({ ...listed, size: -1, skipped: 'x' })}\n`],
  ])('format.md 4.7: a skipped record %s is refused', async (_, text) => {
    await expect(read(Buffer.from(text))).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
  });

  test('format.md 7.2: a field it does not know is ignored', async () => {
    const text = good.replace('{', '{"later":true,');
    expect(await read(Buffer.from(`${text}\n`))).toEqual([record('a')]);
  });

  test('what the store throws is thrown to whoever writes next', async () => {
    const failure = new Error('the copy failed');
    const manifest = new ManifestWriter(keyring, IDENTITY, () => Promise.reject(failure));
    const writeMuch = async (): Promise<void> => {
      for (let index = 0; index < 20_000; index += 1) {
        await manifest.write(record(String(index).padStart(6, '0')));
      }
      await manifest.finish();
    };
    await expect(writeMuch()).rejects.toBe(failure);
  });
});
