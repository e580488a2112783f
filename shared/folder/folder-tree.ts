import { lstatSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
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

/**
 * The folders below a root. Links among them are followed only where they stay inside. What is
 * found once is remembered: nobody else may change folders meanwhile. Its calls are synchronous, as
 * they take less time than handing them to a thread.
 */
export class FolderTree {
  readonly #root: string;
  /** The root with a separator at its end. */
  readonly #start: string;
  readonly #known = new Map<string, 'present' | 'absent'>();

  /** @param root - absolute path. */
  constructor(root: string) {
    this.#root = root;
    this.#start = root.endsWith(sep) ? root : root + sep;
  }

  /** @returns the absolute path of safe names below the root. */
  pathOf(names: readonly string[]): string {
    return names.length === 0 ? this.#root : this.#start + names.join(sep);
  }

  /** @returns the state of the folder with these names below the root. */
  look(names: readonly string[]): FolderState {
    if (this.#known.get(this.pathOf(names)) === 'present') {
      return 'present';
    }
    for (let depth = 1; depth <= names.length; depth += 1) {
      const state = this.#lookAt(this.pathOf(names.slice(0, depth)));
      if (state !== 'present') {
        return state;
      }
    }
    return 'present';
  }

  /**
   * Makes the folder with these names below the root, and the root itself.
   * @returns its path.
   * @throws HoldfastError `PATH_UNSAFE` when its way is blocked; errors of the file system.
   */
  make(names: readonly string[]): string {
    const whole = this.pathOf(names);
    if (this.#known.get(whole) === 'present') {
      return whole;
    }
    if (this.#known.get(this.#root) !== 'present') {
      makeFolder(this.#root);
      this.#known.set(this.#root, 'present');
    }
    for (let depth = 1; depth <= names.length; depth += 1) {
      this.#makeOne(this.pathOf(names.slice(0, depth)));
    }
    return whole;
  }

  #makeOne(path: string): void {
    if (this.#lookAt(path) === 'absent' && makeOneFolder(path)) {
      this.#known.set(path, 'present');
      return;
    }
    // Something was there, or has come meanwhile: then what was remembered of it is wrong.
    if (this.#known.get(path) === 'absent') {
      this.#known.delete(path);
    }
    if (this.#lookAt(path) !== 'present') {
      throw new HoldfastError('PATH_UNSAFE', { count: 1 });
    }
  }

  /** Its parents have been looked at before. */
  #lookAt(path: string): FolderState {
    const known = this.#known.get(path);
    if (known !== undefined) {
      return known;
    }
    const state = this.#stateOf(path);
    if (state !== 'blocked') {
      this.#known.set(path, state);
    }
    return state;
  }

  #stateOf(path: string): FolderState {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      return 'absent';
    }
    if (found.isSymbolicLink()) {
      return this.#leadsInside(path) ? 'present' : 'blocked';
    }
    return found.isDirectory() ? 'present' : 'blocked';
  }

  #leadsInside(path: string): boolean {
    try {
      const [root, destination] = [realpathSync(this.#root), realpathSync(path)];
      const isInside = destination === root || destination.startsWith(root + sep);
      return isInside && lstatSync(destination).isDirectory();
    } catch (error) {
      // A link that leads nowhere, or in a circle.
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ELOOP') {
        return false;
      }
      throw error;
    }
  }
}
