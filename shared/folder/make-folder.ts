import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './folder-failure.ts';

/**
 * Makes a folder and those above it. Node's own recursive `mkdir` never ends where an existing
 * folder answers ENOENT to what is made in it, as `/proc` does.
 *
 * @throws what the file system answers.
 */
export function makeFolder(path: string): void {
  try {
    makeOneFolder(path);
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path) {
      throw error;
    }
    makeFolder(parent);
    makeOneFolder(path);
  }
}

/**
 * Makes a folder.
 * @returns `false` when something of this name is there already.
 */
export function makeOneFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      throw error;
    }
    return false;
  }
}
