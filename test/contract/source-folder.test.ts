import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { FolderSource } from '../../shared/folder/folder-source.ts';
import { describeSourceContract } from './source.contract.ts';

const roots: string[] = [];

afterEach(async () => {
  await Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true })));
});

describeSourceContract(
  'folder',
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'holdfast-source-'));
    roots.push(root);
    return {
      source: new FolderSource(root, { vaultId: '01K9ZZZZZZ0000000000000001' }),
      put: async (path, content) => {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), content);
      },
      delete: async (path) => rm(join(root, path)),
    };
  },
  { isFolder: true },
);
