import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './folder-failure.ts';

/**
 * Makes a folder and those above it. Node's own recursive `mkdir` never ends where an existing
 * folder answers ENOENT to what is made in it, as `/proc` does.
 *
 * @throws what the file system answers.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path) {
      throw error;
    }
    await makeFolder(parent);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      throw error;
    }
  }
}
