import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { HoldfastError } from '../domain/errors.ts';
import { ALL_PATHS, isBehindEnd, isBehindStart, type PathRange } from '../domain/path-range.ts';
import type { SkipReason } from '../domain/skip-reason.ts';
import type { SkippedRead, Source, SourceContent, SourceEntry } from '../ports/source.ts';
import { entryOf, etagOf, isUtf8, largeContent, readFull, wholeContent } from './file-content.ts';
import { errorCode } from './folder-failure.ts';
import { listNames } from './list-names.ts';
import { ReadBuffers } from './read-buffers.ts';

/**
 * Up to this many bytes a file is read with synchronous calls. They cost a fifth of the CPU of
 * asynchronous ones (10 against 50 µs for a file of 7 KB, measured with Node 24 on Linux), and one
 * blocks for microseconds on a local disk.
 */
const SYNC_BYTES = 128 * 1024;

/** Entries listed at once: a millisecond's work. */
const BATCH_ENTRIES = 256;

/**
 * A file that was replaced by a link, a pipe or a device since it was listed is neither followed
 * nor waited for. Windows has neither flag.
 */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export interface FolderSourceOptions {
  /** For whom it is read, for messages. */
  readonly vaultId: string;
  /**
   * Whether to leave a path out; that of a folder ends in `/`, and then all below it is left out.
   * @default nothing is left out
   */
  readonly exclude?: (path: string) => boolean;
}

/** A folder that is being walked through. */
interface Level {
  /** Path with a `/` at its end; empty for the root. */
  readonly path: string;
  readonly names: readonly string[];
  next: number;
}

/**
 * A local folder: its files, symbolic links and folders.
 *
 * - A file's record is its content. A symbolic link's is its target: links are never followed. A
 *   folder's is empty and its path ends in `/`. `fileMetadata` has what else is kept.
 * - The ETag is made of inode number, time of modification and time of change, in nanoseconds. The
 *   system sets the last one with every change of content, mode or name, and offers no call to set
 *   it back; so a file with the same size and ETag is the same.
 * - What can be no record (sockets, pipes, devices, folders that may not be read, names that are
 *   not UTF-8) is listed as well, and `read` says why it is left out.
 * - Memory does not grow with the tree, only with the largest single folder and the depth.
 */
export class FolderSource implements Source {
  readonly #root: string;
  readonly #options: FolderSourceOptions;
  readonly #buffers = new ReadBuffers();
  /** Why a path that was listed cannot be read; until it is asked for. */
  readonly #unreadable = new Map<string, SkipReason>();

  /** @param root - path of the folder. */
  constructor(root: string, options: FolderSourceOptions) {
    this.#root = root.endsWith('/') ? root : `${root}/`;
    this.#options = options;
  }

  /** @throws HoldfastError `SOURCE_UNAVAILABLE` when the folder itself cannot be read. */
  async *list(range: PathRange = ALL_PATHS): AsyncGenerator<readonly SourceEntry[]> {
    let batch: SourceEntry[] = [];
    for (const entry of this.#walk()) {
      if (isBehindEnd(range, entry.path)) {
        break;
      }
      if (isBehindStart(range, entry.path)) {
        batch.push(entry);
      }
      if (batch.length === BATCH_ENTRIES) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) {
      yield batch;
    }
  }

  *#walk(): Generator<SourceEntry> {
    const levels = [this.#enter('')];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const name = level.names[level.next];
      if (name === undefined) {
        levels.pop();
        continue;
      }
      level.next += 1;
      const path = level.path + name;
      if (this.#options.exclude?.(path) === true) {
        continue;
      }
      const entry = this.#lookOrNote(path);
      const below = path.endsWith('/') ? this.#enter(path) : undefined;
      if (entry !== undefined) {
        // Never the entry of the last push, which would be carried forward without being asked for.
        yield this.#unreadable.has(path) ? unknownEntry(path) : entry;
      }
      if (below !== undefined) {
        levels.push(below);
      }
    }
  }

  /**
   * Files change while they are read: a large one that did is padded to its size, and `isWhole` of
   * the content says so afterwards.
   */
  read(entry: SourceEntry): SourceContent | SkippedRead | Promise<SourceContent | SkippedRead> {
    const known = this.#unreadable.get(entry.path);
    if (known !== undefined) {
      this.#unreadable.delete(entry.path);
      return { skipped: known };
    }
    try {
      if (entry.path.endsWith('/')) {
        return this.#readFolder(entry);
      }
      return entry.size > SYNC_BYTES
        ? this.#openLarge(entry).catch((error) => ({ skipped: reasonOf(error) }))
        : this.#readSmall(entry);
    } catch (error) {
      return { skipped: reasonOf(error) };
    }
  }

  #enter(path: string): Level | undefined {
    try {
      const { names, broken } = listNames(this.#root + path);
      for (const name of broken) {
        this.#unreadable.set(path + name, 'name');
      }
      return { path, names, next: 0 };
    } catch (error) {
      if (path === '') {
        // The system's own error names the path.
        throw new HoldfastError('SOURCE_UNAVAILABLE', { vaultId: this.#options.vaultId });
      }
      this.#unreadable.set(path, reasonOf(error));
      return undefined;
    }
  }

  /** What cannot be looked at is listed without a size; what vanished is not listed at all. */
  #lookOrNote(path: string): SourceEntry | undefined {
    try {
      return this.#unreadable.has(path) ? unknownEntry(path) : this.#look(path);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === 'vanished') {
        return undefined;
      }
      this.#unreadable.set(path, reason);
      return unknownEntry(path);
    }
  }

  #look(path: string): SourceEntry {
    const place = this.#root + (path.endsWith('/') ? path.slice(0, -1) : path);
    const stats = lstatSync(place, { bigint: true });
    if (stats.isFile()) {
      return entryOf(path, Number(stats.size), stats);
    }
    if (stats.isDirectory()) {
      return entryOf(path, 0, stats);
    }
    if (!stats.isSymbolicLink()) {
      this.#unreadable.set(path, 'special');
      return entryOf(path, 0, stats);
    }
    // Some file systems report other sizes for links than their targets have.
    const target = readlinkSync(place, { encoding: 'buffer' });
    if (!isUtf8(target)) {
      this.#unreadable.set(path, 'name');
    }
    return entryOf(path, target.length, stats);
  }

  #readFolder(entry: SourceEntry): SourceContent | SkippedRead {
    const stats = lstatSync(this.#root + entry.path.slice(0, -1), { bigint: true });
    return stats.isDirectory()
      ? wholeContent(entryOf(entry.path, 0, stats), Buffer.alloc(0), stats)
      : CHANGED;
  }

  #readSmall(entry: SourceEntry): SourceContent | SkippedRead {
    const place = this.#root + entry.path;
    let descriptor: number;
    try {
      descriptor = openSync(place, OPEN_FLAGS);
    } catch (error) {
      // What O_NOFOLLOW answers for a link; FreeBSD says EMLINK.
      if (errorCode(error) === 'ELOOP' || errorCode(error) === 'EMLINK') {
        return this.#readLink(entry);
      }
      throw error;
    }
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      const found = entryOf(entry.path, Number(stats.size), stats);
      if (!stats.isFile() || found.size > SYNC_BYTES) {
        return CHANGED;
      }
      const { bytes, release } = this.#buffers.lend(found.size);
      const isFull = readFull(descriptor, bytes);
      const isSame = etagOf(fstatSync(descriptor, { bigint: true })) === found.etag;
      if (isFull && isSame) {
        return wholeContent(found, bytes, stats, release);
      }
      release();
      return CHANGED;
    } finally {
      closeSync(descriptor);
    }
  }

  #readLink(entry: SourceEntry): SourceContent | SkippedRead {
    const place = this.#root + entry.path;
    const stats = lstatSync(place, { bigint: true });
    const target = readlinkSync(place, { encoding: 'buffer' });
    const found = entryOf(entry.path, target.length, stats);
    return isUtf8(target) ? wholeContent(found, target, stats) : { skipped: 'name' };
  }

  async #openLarge(entry: SourceEntry): Promise<SourceContent | SkippedRead> {
    const handle = await open(this.#root + entry.path, OPEN_FLAGS);
    try {
      const stats = await handle.stat({ bigint: true });
      if (stats.isFile()) {
        return largeContent(handle, entryOf(entry.path, Number(stats.size), stats), stats);
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return CHANGED;
  }
}

const CHANGED: SkippedRead = { skipped: 'changed' };

/** Of something that cannot be looked at. */
function unknownEntry(path: string): SourceEntry {
  return { path, size: 0, etag: '', modified: new Date(0).toISOString() };
}

/** What the system answers when a path may not be read, or is not there any more. */
function reasonOf(error: unknown): SkipReason {
  switch (errorCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'denied';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'vanished';
    case 'ELOOP':
    case 'EMLINK':
    case 'EISDIR':
      return 'changed';
    case 'ENXIO':
      return 'special';
    default:
      return 'failed';
  }
}
