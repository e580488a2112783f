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
    await makeOneFolder(path);
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path) {
      throw error;
    }
    await makeFolder(parent);
    await makeOneFolder(path);
  }
}

/** Makes a folder; one that is there already is fine: several writers may need the same. */
export async function makeOneFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      throw error;
    }
  }
}
