import { randomUUID } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
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
  await target.write(recordOf(path, bytes), Readable.from([bytes]), overwrite);
}

async function examine(...paths: string[]): Promise<{ existing: number; unsafe: number }> {
  return target.examine(Readable.from(paths));
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
