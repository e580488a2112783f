import { chmod, lutimes, open, rename, symlink, unlink, utimes } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { HoldfastError } from '../domain/errors.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { VerifiedRecord } from '../format/verified-record.ts';
import type { Target } from '../ports/target.ts';
import { isSymbolicLink, restoredMode } from './file-metadata.ts';
import { errorCode, inFolder, inFolderNow } from './folder-failure.ts';
import { FolderTree } from './folder-tree.ts';
import { HardLinks } from './hard-links.ts';
import { makeFolder } from './make-folder.ts';
import { foldPath, PathConflicts } from './path-conflicts.ts';
import { statOf } from './publish-file.ts';
import { safePath } from './safe-path.ts';
import { SMALL_FILE_BYTES, writeSmallFile } from './write-small-file.ts';
import { timeToSet, writeVerified } from './write-verified.ts';

/** Clients' records are for who restored them alone. */
const FILE_MODE = 0o600;

/** How a folder target gets its names. */
export interface FolderTargetOptions {
  /** @returns an unguessable name part for half-written files, such as a random UUID. */
  readonly randomName: () => string;
  /** @default the platform this runs on */
  readonly platform?: NodeJS.Platform;
}

/**
 * A local folder as the target of a restore, made when it does not exist. It writes below its
 * folder and nowhere else: symbolic links inside are followed only where they stay inside. Times of
 * modification are kept, and of records that come from a folder (`fileMetadata`) also permissions,
 * symbolic links and hard links. Content type, other metadata and tags have no place in a folder.
 *
 * While it works, nobody else may change folders and links in it.
 */
export class FolderTarget implements Target {
  readonly #root: string;
  readonly #tree: FolderTree;
  readonly #randomName: () => string;
  readonly #platform: NodeJS.Platform;
  /** Folders whose permissions and times are set at the end: work in them changes both. */
  readonly #folders: { readonly path: string; readonly record: ManifestRecord }[] = [];
  readonly #hardLinks: HardLinks;

  /** @param root - the folder's path. */
  constructor(root: string, { randomName, platform = process.platform }: FolderTargetOptions) {
    this.#root = resolve(root);
    this.#tree = new FolderTree(this.#root);
    this.#randomName = randomName;
    this.#platform = platform;
    this.#hardLinks = new HardLinks((folder) => this.#partialIn(folder));
  }

  /** @throws HoldfastError `TARGET_UNWRITABLE`, also when the folder takes no files at all. */
  async examine(
    batches: AsyncIterable<readonly string[]>,
  ): Promise<{ existing: number; unsafe: number }> {
    const conflicts = new PathConflicts((await this.#foldsNames()) ? foldPath : null);
    let existing = 0;
    let unsafe = 0;
    for await (const paths of batches) {
      for (const path of paths) {
        const found = inFolderNow(() => this.#look(path));
        if (found === 'unsafe' || conflicts.add(path)) {
          unsafe += 1;
        } else if (found === 'existing') {
          existing += 1;
        }
      }
    }
    return { existing, unsafe };
  }

  /**
   * @throws HoldfastError `TARGET_UNWRITABLE`, `TARGET_EXISTS`, `PATH_UNSAFE`, and what the content
   * throws.
   */
  async write(verified: VerifiedRecord, overwrite: boolean): Promise<void> {
    const { record } = verified;
    const safe = safePath(record.path, this.#platform);
    if (safe === undefined || (safe.isFolder && record.size > 0)) {
      throw new HoldfastError('PATH_UNSAFE', { count: 1 });
    }
    if (safe.isFolder) {
      const path = inFolderNow(() => this.#tree.make(safe.names));
      this.#folders.push({ path, record });
      return;
    }
    const folder = inFolderNow(() => this.#tree.make(safe.names.slice(0, -1)));
    const final = this.#tree.pathOf(safe.names);
    if (isSymbolicLink(record)) {
      await this.#writeLink(verified, final, overwrite);
      return;
    }
    const partial = this.#partialIn(folder);
    try {
      await this.#writeFile(partial, verified);
      await inFolder(() => this.#hardLinks.publish(record, partial, final, overwrite));
    } catch (error) {
      await unlink(partial).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Ends a restore: gives folders their permissions and times.
   * @throws HoldfastError `TARGET_UNWRITABLE`.
   */
  async finish(): Promise<void> {
    const inner = this.#folders.toSorted((left, right) => right.path.length - left.path.length);
    for (const { path, record } of inner) {
      const mode = restoredMode(record);
      if (mode !== undefined) {
        const modified = timeToSet(record);
        await inFolder(() => utimes(path, modified, modified));
        await inFolder(() => chmod(path, mode));
      }
    }
  }

  async #writeFile(place: string, verified: VerifiedRecord): Promise<void> {
    const { bytes, record } = verified;
    if (bytes === null || bytes.length > SMALL_FILE_BYTES) {
      const handle = await inFolder(() => open(place, 'wx', FILE_MODE));
      await writeVerified(handle, verified);
      return;
    }
    inFolderNow(() => writeSmallFile(place, bytes, record, FILE_MODE));
  }

  /** The target is text that nobody follows here: it may lead anywhere, or nowhere. */
  async #writeLink(verified: VerifiedRecord, final: string, overwrite: boolean): Promise<void> {
    const target = await verified.whole();
    const place = overwrite ? this.#partialIn(dirname(final)) : final;
    const modified = timeToSet(verified.record);
    await inFolder(async () => {
      await symlink(target, place).catch((error: unknown) => {
        throw errorCode(error) === 'EEXIST'
          ? new HoldfastError('TARGET_EXISTS', { count: 1 })
          : error;
      });
      await lutimes(place, modified, modified);
      if (overwrite) {
        await rename(place, final);
      }
    });
  }

  /** @returns what is at a path, without following a link at its end. */
  #look(path: string): 'free' | 'existing' | 'unsafe' {
    const safe = safePath(path, this.#platform);
    if (safe === undefined) {
      return 'unsafe';
    }
    const parents = safe.isFolder ? safe.names : safe.names.slice(0, -1);
    const state = this.#tree.look(parents);
    if (state !== 'present' || safe.isFolder) {
      return state === 'blocked' ? 'unsafe' : 'free';
    }
    const found = statOf(this.#tree.pathOf(safe.names));
    if (found?.isDirectory() === true) {
      return 'unsafe';
    }
    return found === undefined ? 'free' : 'existing';
  }

  /**
   * Finds out by a file whether the file system takes names for the same that differ in case or in
   * how an accent is composed. Also a first test write.
   */
  async #foldsNames(): Promise<boolean> {
    return inFolder(async () => {
      makeFolder(this.#root);
      const random = this.#randomName();
      const probe = join(this.#root, `.holdfast-${random}-\u00e9.partial`);
      const twins = [`.HOLDFAST-${random}-\u00e9.partial`, `.holdfast-${random}-e\u0301.partial`];
      await (await open(probe, 'wx', FILE_MODE)).close();
      try {
        return twins.some((twin) => statOf(join(this.#root, twin)) !== undefined);
      } finally {
        await unlink(probe);
      }
    });
  }

  #partialIn(folder: string): string {
    return `${folder}${sep}.holdfast-${this.#randomName()}.partial`;
  }
}
