import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { HoldfastError } from '../domain/errors.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { Target } from '../ports/target.ts';
import { errorCode, inFolder } from './folder-failure.ts';
import { FolderTree } from './folder-tree.ts';
import { foldPath, PathConflicts } from './path-conflicts.ts';
import { safePath } from './safe-path.ts';

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
 * folder and nowhere else: symbolic links inside are followed only where they stay inside. Content
 * type, metadata and tags of a record have no place in a folder and are not kept; its time of
 * modification is.
 *
 * While it works, nobody else may change folders and links in it.
 */
export class FolderTarget implements Target {
  readonly #root: string;
  readonly #tree: FolderTree;
  readonly #randomName: () => string;
  readonly #platform: NodeJS.Platform;

  /** @param root - the folder's path. */
  constructor(root: string, { randomName, platform = process.platform }: FolderTargetOptions) {
    this.#root = resolve(root);
    this.#tree = new FolderTree(this.#root);
    this.#randomName = randomName;
    this.#platform = platform;
  }

  /** @throws HoldfastError `TARGET_UNWRITABLE`, also when the folder takes no files at all. */
  async examine(paths: AsyncIterable<string>): Promise<{ existing: number; unsafe: number }> {
    const conflicts = new PathConflicts((await this.#foldsNames()) ? foldPath : null);
    let existing = 0;
    let unsafe = 0;
    for await (const path of paths) {
      const found = await inFolder(() => this.#look(path));
      if (found === 'unsafe' || conflicts.add(path)) {
        unsafe += 1;
      } else if (found === 'existing') {
        existing += 1;
      }
    }
    return { existing, unsafe };
  }

  /**
   * @throws HoldfastError `TARGET_UNWRITABLE`, `TARGET_EXISTS`, `PATH_UNSAFE`, and what `body`
   * throws.
   */
  async write(record: ManifestRecord, body: Readable, overwrite: boolean): Promise<void> {
    const safe = safePath(record.path, this.#platform);
    if (safe === undefined || (safe.isFolder && record.size > 0)) {
      throw new HoldfastError('PATH_UNSAFE', { count: 1 });
    }
    if (safe.isFolder) {
      await inFolder(() => this.#tree.make(safe.names));
      await writeAll(null, body, record);
      return;
    }
    const final = join(this.#root, ...safe.names);
    await inFolder(() => this.#tree.make(safe.names.slice(0, -1)));
    const partial = this.#partialIn(dirname(final));
    const handle = await inFolder(() => open(partial, 'wx', FILE_MODE));
    try {
      await writeVerified(handle, record, body);
      await inFolder(() => publish(partial, final, overwrite));
    } catch (error) {
      await unlink(partial).catch(() => undefined);
      throw error;
    }
  }

  /** @returns what is at a path, without following a link at its end. */
  async #look(path: string): Promise<'free' | 'existing' | 'unsafe'> {
    const safe = safePath(path, this.#platform);
    if (safe === undefined) {
      return 'unsafe';
    }
    const parents = safe.isFolder ? safe.names : safe.names.slice(0, -1);
    const state = await this.#tree.look(parents);
    if (state !== 'present' || safe.isFolder) {
      return state === 'blocked' ? 'unsafe' : 'free';
    }
    const found = await statOf(join(this.#root, ...safe.names));
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
      await mkdir(this.#root, { recursive: true });
      const random = this.#randomName();
      const probe = join(this.#root, `.holdfast-${random}-\u00e9.partial`);
      const twins = [`.HOLDFAST-${random}-\u00e9.partial`, `.holdfast-${random}-e\u0301.partial`];
      await (await open(probe, 'wx', FILE_MODE)).close();
      try {
        const found = await Promise.all(twins.map((twin) => statOf(join(this.#root, twin))));
        return found.some((twin) => twin !== undefined);
      } finally {
        await unlink(probe);
      }
    });
  }

  #partialIn(folder: string): string {
    return join(folder, `.holdfast-${this.#randomName()}.partial`);
  }
}

async function writeVerified(
  handle: FileHandle,
  record: ManifestRecord,
  body: Readable,
): Promise<void> {
  try {
    await writeAll(handle, body, record);
    const modified = new Date(record.modified);
    await inFolder(() => handle.utimes(modified, modified));
  } finally {
    await handle.close();
  }
}

/** @throws HoldfastError `TARGET_UNWRITABLE` unless the bytes are the record's. */
async function writeAll(
  handle: FileHandle | null,
  body: Readable,
  record: ManifestRecord,
): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
    if (handle !== null) {
      await inFolder(() => handle.appendFile(chunk));
    }
  }
  if (size !== record.size || hash.digest('hex') !== record.sha256) {
    const reason = 'the bytes received are not those that the manifest names';
    throw new HoldfastError('TARGET_UNWRITABLE', { reason });
  }
}

/** Gives a finished file its name; without `overwrite`, in one step that fails when it exists. */
async function publish(partial: string, final: string, overwrite: boolean): Promise<void> {
  if (overwrite) {
    await rename(partial, final);
    return;
  }
  try {
    await link(partial, final);
  } catch (error) {
    if (!(await isWithoutLinks(error, final))) {
      throw errorCode(error) === 'EEXIST'
        ? new HoldfastError('TARGET_EXISTS', { count: 1 })
        : error;
    }
    await rename(partial, final);
    return;
  }
  await unlink(partial);
}

/** Some file systems (FAT, some network shares) have no hard links; then looking first must do. */
async function isWithoutLinks(error: unknown, final: string): Promise<boolean> {
  const lacksLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errorCode(error) ?? '');
  if (lacksLinks && (await statOf(final)) !== undefined) {
    throw new HoldfastError('TARGET_EXISTS', { count: 1 });
  }
  return lacksLinks;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
