import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { FolderTarget } from '../../shared/folder/folder-target.ts';
import { describeTargetContract } from '../contract/target.contract.ts';

const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

describeTargetContract('FolderTarget', async () => {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-folder-'));
  folders.push(root);
  return {
    hasFolders: true,
    target: new FolderTarget(root, { randomName: randomUUID }),
    read: (path) => readFile(join(root, path)).catch(() => undefined),
    put: async (path, bytes) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), bytes);
    },
    names: async () => {
      const found = await readdir(root, { recursive: true, withFileTypes: true });
      return found.filter((entry) => entry.isFile()).map((entry) => entry.name);
    },
  };
});
