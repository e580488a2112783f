import { createHash } from 'node:crypto';
import {
  chmod,
  link,
  lstat,
  lutimes,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';

const LARGE = 3 * 1024 * 1024;

/** Makes a folder with everything a folder can have that a push keeps. */
export async function makeOddTree(root: string): Promise<void> {
  const put = async (path: string, content: string | Buffer, mode = 0o644) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    await chmod(join(root, path), mode);
  };
  await put('合同/2026 年.txt', '合同');
  await put('caf\u00e9', 'composed');
  await put('cafe\u0301', 'decomposed');
  await put('a.txt', 'before the folder a');
  await put('a/b', 'in the folder a');
  await put('a0', 'behind the folder a');
  await put('line\nfeed', 'a name with a line feed');
  await put('quote\'"\\ $HOME *', 'shell');
  await put('😀/！', 'order');
  await put(`${'n'.repeat(255)}`, 'the longest name');
  await put('empty', '');
  await put('script.sh', '#!/bin/sh\n', 0o750);
  await put('read-only/file', 'x', 0o400);
  await put('large', Buffer.alloc(LARGE, 'large '));
  await put('sparse', 'start');
  await truncate(join(root, 'sparse'), LARGE);
  await put('linked/one', 'shared content');
  await link(join(root, 'linked/one'), join(root, 'linked/two'));
  await mkdir(join(root, 'no files/at all'), { recursive: true });
  await symlink('a/b', join(root, 'to-file'));
  await symlink('linked', join(root, 'to-folder'));
  await symlink('/etc/passwd', join(root, 'to-outside'));
  await symlink('nowhere', join(root, 'to-nothing'));
  const then = new Date('2001-02-03T04:05:06.789Z');
  await utimes(join(root, 'a/b'), then, then);
  await lutimes(join(root, 'to-nothing'), then, then);
  await chmod(join(root, 'read-only'), 0o500);
  await utimes(join(root, 'no files'), then, then);
}

/** What is known of one file, folder or link; all that a restore brings back. */
export type Facts = Readonly<Record<string, string | number>>;

/** @returns the facts of everything below a folder, by path. */
export async function factsOf(root: string): Promise<Record<string, Facts>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const links = entries.filter((entry) => entry.isSymbolicLink()).map(placeOf);
  // Listing a folder recursively goes through links as well.
  const names = entries
    .map(placeOf)
    .filter((place) => !links.some((each) => place.startsWith(`${each}/`)))
    .map((place) => place.slice(root.length + 1));
  const firstNames = new Map<number, string>();
  const facts: Record<string, Facts> = {};
  for (const path of names.sort()) {
    const place = join(root, path);
    const found = await lstat(place);
    const { mtimeNs } = await lstat(place, { bigint: true });
    const modified = Number(mtimeNs / 1000n);
    if (found.isSymbolicLink()) {
      facts[path] = { target: await readlink(place), modified };
      continue;
    }
    const mode = (found.mode & 0o7777).toString(8);
    if (found.isDirectory()) {
      facts[`${path}/`] = { mode, modified };
      continue;
    }
    const sameAs = firstNames.get(found.ino) ?? path;
    firstNames.set(found.ino, sameAs);
    const sha256 = createHash('sha256')
      .update(await readFile(place))
      .digest('hex');
    facts[path] = { mode, modified, size: found.size, sha256, sameAs };
  }
  return facts;
}

function placeOf({ parentPath, name }: { parentPath: string; name: string }): string {
  return join(parentPath, name);
}
