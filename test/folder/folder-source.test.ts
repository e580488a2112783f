import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareUtf8 } from '../../shared/domain/utf8-order.ts';
import { excludePaths, parseExcludeFile } from '../../shared/folder/exclude-paths.ts';
import { FolderSource } from '../../shared/folder/folder-source.ts';
import type { SourceContent, SourceEntry } from '../../shared/ports/source.ts';

const VAULT = '01K9ZZZZZZ0000000000000001';
const LARGE = 600 * 1024;
/** Whoever may do everything is denied nothing. */
const IS_ROOT = process.getuid?.() === 0;

let root: string;
let source: FolderSource;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-source-'));
  source = new FolderSource(root, { vaultId: VAULT });
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function put(path: string, content: string | Buffer = path): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, path), content);
}

async function listed(from = source): Promise<SourceEntry[]> {
  return (await Array.fromAsync(from.list())).flat();
}

async function paths(from = source): Promise<string[]> {
  return (await listed(from)).map(({ path }) => path);
}

async function entryOf(path: string): Promise<SourceEntry> {
  const found = (await listed()).find((entry) => entry.path === path);
  if (found === undefined) {
    throw new Error('The test did not make what it asks for.');
  }
  return found;
}

async function open(path: string): Promise<SourceContent> {
  const content = await source.read(await entryOf(path));
  if ('skipped' in content) {
    throw new Error(`left out: ${content.skipped}`);
  }
  return content;
}

describe('the order of a listing', () => {
  test('is that of whole paths, where a folder stands behind its name and a slash', async () => {
    const made = ['a.txt', 'a/b', 'a0', 'a-b/c', 'a/b.c/d', 'a/b0', '！', '😀', 'b/a', 'a!'];
    await Promise.all(made.map((path) => put(path)));
    const folders = ['a/', 'a-b/', 'a/b.c/', 'b/'];
    expect(await paths()).toEqual([...made, ...folders].sort(compareUtf8));
  });

  test('has folders that are empty', async () => {
    await mkdir(join(root, 'empty/within'), { recursive: true });
    expect(await paths()).toEqual(['empty/', 'empty/within/']);
    expect((await open('empty/within/')).bytes).toHaveLength(0);
  });
});

describe('what is kept', () => {
  test('permissions of files and folders', async () => {
    await put('d/run.sh');
    await chmod(join(root, 'd/run.sh'), 0o751);
    await chmod(join(root, 'd'), 0o2750);
    expect((await open('d/run.sh')).metadata).toEqual({ 'file:mode': '0751' });
    expect((await open('d/')).metadata).toEqual({ 'file:mode': '2750' });
  });

  test('the time of modification', async () => {
    await put('old');
    const then = new Date('1999-12-31T23:59:59.250Z');
    await utimes(join(root, 'old'), then, then);
    expect((await entryOf('old')).modified).toBe(then.toISOString());
  });

  test('symbolic links as links, wherever they lead', async () => {
    await put('inside/file');
    const targets = ['inside', '/etc/passwd', 'nowhere', '../..'];
    await Promise.all(targets.map((target, index) => symlink(target, join(root, `link${index}`))));
    expect(await paths()).toEqual(['inside/', 'inside/file', 'link0', 'link1', 'link2', 'link3']);
    for (const [index, target] of targets.entries()) {
      const content = await open(`link${index}`);
      expect(content.metadata).toEqual({ 'file:type': 'symlink' });
      expect((await buffer(content.body)).toString()).toBe(target);
      expect(content.listed?.size).toBe(target.length);
    }
  });

  test('which names are hard links to one file', async () => {
    await put('one', 'shared');
    await link(join(root, 'one'), join(root, 'two'));
    await put('single');
    const group = (await open('one')).metadata['file:links'];
    expect(group).toMatch(/^\d+-\d+$/);
    expect((await open('two')).metadata['file:links']).toBe(group);
    expect((await open('single')).metadata['file:links']).toBeUndefined();
  });

  test('all bytes of a sparse file', async () => {
    await put('sparse', 'x');
    await truncate(join(root, 'sparse'), LARGE);
    const bytes = await buffer((await open('sparse')).body);
    expect(bytes).toHaveLength(LARGE);
    expect(bytes.subarray(1).every((byte) => byte === 0)).toBe(true);
  });
});

describe('the ETag', () => {
  test('stays while nothing changes', async () => {
    await put('a');
    await put('d/b');
    expect(await listed()).toEqual(await listed());
  });

  test('changes with content of the same size whose time was set back', async () => {
    await put('a', 'first');
    const then = new Date('2020-01-01T00:00:00Z');
    await utimes(join(root, 'a'), then, then);
    const before = await entryOf('a');
    await put('a', 'other');
    await utimes(join(root, 'a'), then, then);
    const after = await entryOf('a');
    expect(after).toMatchObject({ size: before.size, modified: before.modified });
    expect(after.etag).not.toBe(before.etag);
  });

  test('changes with permissions', async () => {
    await put('a');
    const before = await entryOf('a');
    await chmod(join(root, 'a'), 0o400);
    expect((await entryOf('a')).etag).not.toBe(before.etag);
  });
});

describe('what cannot be read', () => {
  test.skipIf(IS_ROOT)('a file and a folder without permission are told of', async () => {
    await put('secret');
    await put('closed/file');
    await chmod(join(root, 'secret'), 0);
    await chmod(join(root, 'closed'), 0);
    const found = await listed();
    const answers = await Promise.all(found.map((entry) => source.read(entry)));
    await chmod(join(root, 'closed'), 0o700);
    expect(found.map(({ path }) => path)).toEqual(['closed/', 'secret']);
    expect(answers).toEqual([{ skipped: 'denied' }, { skipped: 'denied' }]);
  });

  test('a pipe is told of, and not waited for', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await source.read(await entryOf('pipe'))).toEqual({ skipped: 'special' });
  });

  test('a file that became a pipe is not waited for', async () => {
    await put('later');
    const entry = await entryOf('later');
    await rm(join(root, 'later'));
    execFileSync('mkfifo', [join(root, 'later')]);
    expect(await source.read(entry)).toEqual({ skipped: 'changed' });
  });

  test('a file that became a link is read as the link it is', async () => {
    await put('file', 'x'.repeat(20));
    const entry = await entryOf('file');
    await rm(join(root, 'file'));
    await symlink('/etc/passwd', join(root, 'file'));
    expect(await source.read(entry)).toMatchObject({ metadata: { 'file:type': 'symlink' } });
  });

  test('names that are not UTF-8 are told of, each once, and hide no other', async () => {
    const bad = (bytes: number[]) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(bytes)]);
    await writeFile(bad([0x61, 0xff]), 'latin');
    await writeFile(bad([0x61, 0xfe]), 'latin');
    await put('a\ufffd', 'a true name');
    const found = await listed();
    expect(found.map(({ path }) => path)).toEqual(['a\\xfe', 'a\\xff', 'a\ufffd']);
    const [first, second, third] = await Promise.all(found.map((entry) => source.read(entry)));
    expect([first, second]).toEqual([{ skipped: 'name' }, { skipped: 'name' }]);
    expect(third).toMatchObject({ listed: { size: 11 } });
  });

  test('a folder that is not there at all fails as a whole', async () => {
    const gone = new FolderSource(join(root, 'gone'), { vaultId: VAULT });
    await expect(paths(gone)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});

describe('a large file that changes while it is read', () => {
  async function readDuring(change: (file: string) => Promise<void> | void) {
    await put('log', Buffer.alloc(LARGE, 'a'));
    const content = await open('log');
    const chunks: Buffer[] = [];
    for await (const chunk of content.body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (chunks.length === 1) {
        await change(join(root, 'log'));
      }
    }
    return { bytes: Buffer.concat(chunks), isWhole: content.isWhole?.() };
  }

  test('is whole when it did not', async () => {
    expect(await readDuring(() => {})).toMatchObject({ isWhole: true });
  });

  test('and grew, gives the listed bytes and says that it changed', async () => {
    const { bytes, isWhole } = await readDuring((file) => appendFileSync(file, 'more'));
    expect([bytes.length, isWhole]).toEqual([LARGE, false]);
  });

  test('and shrank, is filled up and says that it changed', async () => {
    const { bytes, isWhole } = await readDuring((file) => truncate(file, 10));
    expect([bytes.length, isWhole]).toEqual([LARGE, false]);
  });

  test('is closed when nobody reads it', async () => {
    await put('log', Buffer.alloc(LARGE, 'a'));
    const opened = async () => (await readdir('/proc/self/fd')).length;
    const before = await opened();
    const { body } = await open('log');
    const closed = new Promise((resolve) => body.once('close', resolve));
    body.destroy();
    await closed;
    await expect.poll(opened).toBe(before);
  });
});

describe('exclude patterns', () => {
  test.each([
    ['*.tmp', ['a/', 'a/b.txt', 'a/node_modules/', 'a/node_modules/x', 'c.txt']],
    ['node_modules/', ['a/', 'a/b.tmp', 'a/b.txt', 'c.tmp', 'c.txt']],
    ['a/*.txt', ['a/', 'a/b.tmp', 'a/node_modules/', 'a/node_modules/x', 'c.tmp', 'c.txt']],
    ['/c.*', ['a/', 'a/b.tmp', 'a/b.txt', 'a/node_modules/', 'a/node_modules/x']],
    ['a', ['c.tmp', 'c.txt']],
    ['**/x', ['a/', 'a/b.tmp', 'a/b.txt', 'a/node_modules/', 'c.tmp', 'c.txt']],
  ])('%s', async (pattern, left) => {
    const made = ['a/b.txt', 'a/b.tmp', 'a/node_modules/x', 'c.txt', 'c.tmp'];
    await Promise.all(made.map((path) => put(path)));
    const options = { vaultId: VAULT, exclude: excludePaths([pattern]) };
    expect(await paths(new FolderSource(root, options))).toEqual(left);
  });

  test('come from a file, one a line', () => {
    expect(parseExcludeFile('# caches\n*.tmp\r\n\n  \nnode_modules/\n')).toEqual([
      '*.tmp',
      'node_modules/',
    ]);
  });
});
