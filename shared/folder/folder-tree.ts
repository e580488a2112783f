import { lstatSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { HoldfastError } from '../domain/errors.ts';
import { errorCode } from './folder-failure.ts';
import { makeFolder, makeOneFolder } from './make-folder.ts';

/**
 * What a folder below the root is:
 * - `present`: it is there, inside the root
 * - `absent`: it can be made
 * - `blocked`: a file, or a link that leaves the root, is in its way
 */
export type FolderState = 'present' | 'absent' | 'blocked';

/** The folders below a root. Links among them are followed only where they stay inside. */
export class FolderTree {
  readonly #root: string;
  /** Folders known to be present and inside. */
  readonly #known = new Set<string>();

  /** @param root - absolute path. */
  constructor(root: string) {
    this.#root = root;
  }

  /** @returns the state of the folder with these names below the root. */
  async look(names: readonly string[]): Promise<FolderState> {
    let path = this.#root;
    for (const name of names) {
      path = join(path, name);
      const state = await this.#lookAt(path);
      if (state !== 'present') {
        return state;
      }
    }
    return 'present';
  }

  /**
   * Makes the folder with these names below the root, and the root itself.
   * @throws HoldfastError `PATH_UNSAFE` when its way is blocked; errors of the file system.
   */
  async make(names: readonly string[]): Promise<void> {
    if (!this.#known.has(this.#root)) {
      await makeFolder(this.#root);
      this.#known.add(this.#root);
    }
    let path = this.#root;
    for (const name of names) {
      path = join(path, name);
      const state = await this.#lookAt(path);
      if (state === 'blocked') {
        throw new HoldfastError('PATH_UNSAFE', { count: 1 });
      }
      if (state === 'absent') {
        await makeOneFolder(path);
        this.#known.add(path);
      }
    }
  }

  /** Its parents have been looked at before. */
  async #lookAt(path: string): Promise<FolderState> {
    if (this.#known.has(path)) {
      return 'present';
    }
    const state = await this.#stateOf(path);
    if (state === 'present') {
      this.#known.add(path);
    }
    return state;
  }

  async #stateOf(path: string): Promise<FolderState> {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      return 'absent';
    }
    if (found.isSymbolicLink()) {
      return (await this.#leadsInside(path)) ? 'present' : 'blocked';
    }
    return found.isDirectory() ? 'present' : 'blocked';
  }

  async #leadsInside(path: string): Promise<boolean> {
    try {
      const [root, destination] = await Promise.all([realpath(this.#root), realpath(path)]);
      const isInside = destination === root || destination.startsWith(root + sep);
      return isInside && (await lstat(destination)).isDirectory();
    } catch (error) {
      // A link that leads nowhere, or in a circle.
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ELOOP') {
        return false;
      }
      throw error;
    }
  }
}
