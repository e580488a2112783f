import { randomUUID } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inFolder } from '../../shared/folder/folder-failure.ts';
import { FolderTarget } from '../../shared/folder/folder-target.ts';
import { foldPath, PathConflicts } from '../../shared/folder/path-conflicts.ts';
import { safePath } from '../../shared/folder/safe-path.ts';
import { recordOf } from '../contract/target.contract.ts';
import { verifiedInPieces, verifiedWhole } from '../support/verified-content.ts';

const CONTENT = Buffer.from('minutes');

let outside: string;
let root: string;
let target: FolderTarget;

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'holdfast-folder-'));
  root = join(outside, 'target');
  target = new FolderTarget(root, { randomName: randomUUID });
});

afterEach(async () => {
  await rm(outside, { recursive: true });
});

async function write(path: string, overwrite = false, bytes = CONTENT): Promise<void> {
  await target.write(verifiedWhole(recordOf(path, bytes), bytes), overwrite);
}

async function examine(...paths: string[]): Promise<{ existing: number; unsafe: number }> {
  return target.examine(Readable.from([paths]));
}

const UNSAFE = [
  '',
  '/etc/passwd',
  '../a',
  'a/../../b',
  'a/..',
  './a',
  'a//b',
  'a\0b',
  'C:/a',
  'c:a',
  '//server/share',
  'x'.repeat(256),
];

describe('a path that would leave the folder', () => {
  test.each(UNSAFE)('%j is reported and not written', async (path) => {
    expect(await examine(path)).toEqual({ existing: 0, unsafe: 1 });
    await expect(write(path)).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
    expect(await readdir(outside)).toEqual(['target']);
    expect(await readdir(root)).toEqual([]);
  });

  test.each(['a\\b', '..\\a', 'ab:c', 'a?', 'con', 'NUL.txt', 'a.', 'a ', 'com1', 'a\nb'])(
    '%j is refused on Windows only',
    (path) => {
      expect(safePath(path, 'win32')).toBeUndefined();
      expect(safePath(path, 'linux')).toBeDefined();
    },
  );

  test('through a symbolic link is reported and not written', async () => {
    await mkdir(join(outside, 'elsewhere'));
    await mkdir(root);
    await symlink(join(outside, 'elsewhere'), join(root, 'link'));
    await symlink('/nowhere/at/all', join(root, 'broken'));
    expect(await examine('broken/a', 'link/a', 'link/deep/a')).toEqual({ existing: 0, unsafe: 3 });
    for (const path of ['link/a', 'link/deep/a', 'broken/a']) {
      await expect(write(path)).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
    }
    expect(await readdir(join(outside, 'elsewhere'))).toEqual([]);
  });

  test('a symbolic link that stays inside is followed', async () => {
    await mkdir(join(root, 'real'), { recursive: true });
    await symlink('real', join(root, 'link'));
    await write('link/a');
    expect(await readFile(join(root, 'real', 'a'))).toEqual(CONTENT);
  });

  test('a symbolic link at its end is replaced when asked, never written through', async () => {
    await mkdir(root);
    await writeFile(join(outside, 'precious'), 'before');
    await symlink(join(outside, 'precious'), join(root, 'a'));
    expect(await examine('a')).toEqual({ existing: 1, unsafe: 0 });
    await expect(write('a')).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    await write('a', true);
    expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('before');
    expect(await readFile(join(root, 'a'))).toEqual(CONTENT);
  });
});

describe('paths that cannot lie side by side', () => {
  test('a file below another file', async () => {
    expect(await examine('a', 'a!', 'a/b', 'a/c/d', 'b')).toEqual({ existing: 0, unsafe: 2 });
  });

  test('a file where a folder is, and a folder where a file is', async () => {
    await write('a/b');
    await write('c');
    expect(await examine('a', 'c/d')).toEqual({ existing: 0, unsafe: 2 });
    await expect(write('c/d')).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
    await expect(write('a', true)).rejects.toMatchObject({ code: 'TARGET_UNWRITABLE' });
    expect(await readdir(root)).toEqual(['a', 'c']);
  });

  test('names that the file system takes for one', () => {
    const folding = new PathConflicts(foldPath);
    const paths = ['A.txt', 'a.txt', 'b', 'cafe\u0301', 'caf\u00e9'];
    expect(paths.filter((path) => folding.add(path))).toEqual(['a.txt', 'caf\u00e9']);
    const exact = new PathConflicts(null);
    expect(paths.filter((path) => exact.add(path))).toEqual([]);
  });
});

describe('what is written', () => {
  test('has the record’s time, and is for its owner alone', async () => {
    await write('deep/er/a');
    const found = await stat(join(root, 'deep/er/a'));
    expect(found.mtime.toISOString()).toBe('2026-10-31T12:34:56.000Z');
    expect(found.mode & 0o777).toBe(0o600);
  });

  test('a record that names a folder makes one', async () => {
    expect(await examine('folder/')).toEqual({ existing: 0, unsafe: 0 });
    await write('folder/', false, Buffer.alloc(0));
    await write('folder/a');
    expect((await stat(join(root, 'folder'))).isDirectory()).toBe(true);
    await expect(write('other/')).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
  });

  test('many at once into the same new folder', async () => {
    const paths = Array.from({ length: 30 }, (_, index) => `new/er/${index}`);
    await Promise.all(paths.map((path) => write(path)));
    expect(await readdir(join(root, 'new/er'))).toHaveLength(30);
  });
});

describe('a folder that cannot be written', () => {
  test('because a file has its place', async () => {
    await writeFile(root, 'a file');
    const asking = examine('a');
    await expect(asking).rejects.toMatchObject({ code: 'TARGET_UNWRITABLE' });
    await expect(write('a')).rejects.toMatchObject({ code: 'TARGET_UNWRITABLE' });
  });

  test.skipIf(process.platform !== 'linux')('because the system makes none there', async () => {
    const nowhere = new FolderTarget('/proc/new/folder', { randomName: randomUUID });
    await expect(nowhere.examine(Readable.from([['a']]))).rejects.toMatchObject({
      code: 'TARGET_UNWRITABLE',
      data: { reason: 'the system answered ENOENT' },
    });
  });

  test('no error names a path', async () => {
    await writeFile(root, 'a file');
    const error = await write('秘密').catch((failure: Error) => failure);
    expect(JSON.stringify([String(error), error?.cause, error?.stack])).not.toContain('秘密');
  });

  test.skipIf(process.getuid?.() === 0)('because permission is denied', async () => {
    await mkdir(root);
    await chmod(root, 0o500);
    await expect(examine('a')).rejects.toMatchObject({
      data: { reason: 'permission is denied' },
    });
  });

  test.skipIf(process.platform !== 'linux')('because no space is left', async () => {
    const filling = inFolder(() => writeFile('/dev/full', CONTENT));
    await expect(filling).rejects.toMatchObject({
      code: 'TARGET_UNWRITABLE',
      data: { reason: 'no space is left' },
    });
  });
});

// format.md 4.8
describe('records that come from a folder', () => {
  const restore = (path: string, metadata: Record<string, string>, bytes = CONTENT) =>
    target.write(verifiedWhole({ ...recordOf(path, bytes), metadata }, bytes), false);
  const modeOf = async (path: string) => ((await stat(join(root, path))).mode & 0o7777).toString(8);

  test('get their permissions back, but never the rights of another user', async () => {
    await restore('run.sh', { 'file:mode': '0750' });
    await restore('root-owned', { 'file:mode': '6755' });
    expect([await modeOf('run.sh'), await modeOf('root-owned')]).toEqual(['750', '755']);
  });

  test.each([
    ['2026-11-23T07:38:18.957Z', 1_795_419_498_957_000n],
    ['2026-11-23T07:38:18.957001Z', 1_795_419_498_957_001n],
    ['1969-12-31T23:59:58.250Z', -1_750_000n],
  ])('get their time to the microsecond: %s', async (modified, microseconds) => {
    const record = { ...recordOf('timed', CONTENT), modified };
    await target.write(verifiedWhole(record, CONTENT), false);
    const { mtimeNs } = await stat(join(root, 'timed'), { bigint: true });
    expect(mtimeNs / 1000n).toBe(microseconds);
  });

  test('get folders that are closed to writing, with what is in them', async () => {
    const empty = Buffer.alloc(0);
    await restore('closed/', { 'file:mode': '0500' }, empty);
    await restore('closed/within/', { 'file:mode': '0500' }, empty);
    await restore('closed/within/file', { 'file:mode': '0400' });
    await target.finish();
    expect([await modeOf('closed'), await modeOf('closed/within')]).toEqual(['500', '500']);
    const { modified } = recordOf('closed/', empty);
    expect((await stat(join(root, 'closed'))).mtime.toISOString()).toBe(modified);
    await chmod(join(root, 'closed'), 0o700);
    await chmod(join(root, 'closed/within'), 0o700);
  });

  test('become links that are not followed, wherever they lead', async () => {
    await writeFile(join(outside, 'secret'), 'secret');
    const link = { 'file:type': 'symlink' };
    await restore('up', link, Buffer.from('../secret'));
    expect(await readlink(join(root, 'up'))).toBe('../secret');
    await expect(restore('up/x', {})).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
    const again = restore('up', link, Buffer.from('../secret'));
    await expect(again).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    const file = { ...recordOf('up', CONTENT), metadata: {} };
    await target.write(verifiedWhole(file, CONTENT), true);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect(await readFile(join(root, 'up'), 'utf8')).toBe('minutes');
  });

  test('with bytes that are not their own become no link', async () => {
    const record = { ...recordOf('link', CONTENT), metadata: { 'file:type': 'symlink' } };
    const other = target.write(verifiedInPieces(record, Buffer.from('another')), false);
    await expect(other).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
    expect(await readdir(root)).toEqual([]);
  });

  test('that were one file are one file again, also when written side by side', async () => {
    const links = { 'file:mode': '0640', 'file:links': '1-2' };
    const names = ['one', 'd/two', 'three', 'four'];
    await Promise.all(names.map((name) => restore(name, links)));
    await restore('changed', links, Buffer.from('other content'));
    const inodes = await Promise.all(names.map(async (name) => (await stat(join(root, name))).ino));
    expect(new Set(inodes).size).toBe(1);
    expect((await stat(join(root, 'changed'))).ino).not.toBe(inodes[0]);
    expect((await stat(join(root, 'one'))).nlink).toBe(names.length);
    const left = await readdir(root, { recursive: true });
    expect(left.sort()).toEqual(['changed', 'd', 'd/two', 'four', 'one', 'three']);
  });

  test('that were one file are so again over an earlier restore', async () => {
    const links = { 'file:links': '1-2' };
    for (const _ of ['first', 'second']) {
      const again = new FolderTarget(root, { randomName: randomUUID });
      for (const name of ['one', 'two']) {
        const record = { ...recordOf(name, CONTENT), metadata: links };
        await again.write(verifiedWhole(record, CONTENT), true);
      }
    }
    expect((await stat(join(root, 'one'))).nlink).toBe(2);
    expect((await readdir(root)).sort()).toEqual(['one', 'two']);
  });

  test('of S3 cannot pass for a link', async () => {
    await restore('object', { type: 'symlink', 'file-type': 'symlink' });
    expect((await stat(join(root, 'object'))).isFile()).toBe(true);
  });
});
