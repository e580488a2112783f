import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type {
  Copy,
  CopyListing,
  CopyObjectState,
  CopyUpload,
  CopyWrite,
} from '../../shared/ports/copy.ts';
import { SortedKeys } from './sorted-keys.ts';

interface Version {
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  bytes: Uint8Array;
  lockedUntil: Date | null;
  legalHold: boolean;
  /** Of the bytes as they were written, `null` when they came in parts: as S3 has it. */
  readonly sha256: string | null;
  /** Of the bytes as they are now; `null` before anybody has asked for it. */
  digest: string | null;
}

/** A locked, versioned bucket in memory. `available` set to `false` plays a Region that is down. */
export class MemoryCopy implements Copy {
  readonly name: CopyName;
  available = true;
  readonly #clock: Clock;
  /** Newest version first. */
  readonly #objects = new Map<string, Version[]>();
  readonly #keys = new SortedKeys();
  readonly #uploads = new Set<CopyUpload>();
  #versions = 0;

  constructor(name: CopyName, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  async put(
    key: string,
    bytes: Uint8Array,
    write: CopyWrite & { sha256: string },
  ): Promise<string> {
    this.#requireAvailable(key);
    this.#requireFuture(key, write.lockedUntil);
    if (sha256Of(bytes) !== write.sha256) {
      throw this.#damaged(key, 'the bytes have another SHA-256 than stated');
    }
    const current = this.#objects.get(key)?.[0];
    if (current !== undefined && !current.isDeleteMarker && !write.besides) {
      return this.#takeOver(key, current, write);
    }
    return this.#add(key, Buffer.from(bytes), write.lockedUntil, write.sha256);
  }

  async open(key: string, write: CopyWrite): Promise<CopyUpload> {
    this.#requireAvailable(key);
    this.#requireFuture(key, write.lockedUntil);
    const parts: Uint8Array[] = [];
    const requireOpen = (): void => {
      this.#requireAvailable(key);
      if (!this.#uploads.has(upload)) {
        throw new Error('The upload has ended.');
      }
    };
    const upload: CopyUpload = {
      writePart: async (bytes) => {
        requireOpen();
        parts.push(Buffer.from(bytes));
      },
      finish: async () => {
        requireOpen();
        this.#uploads.delete(upload);
        return this.#add(key, Buffer.concat(parts), write.lockedUntil);
      },
      abort: async () => {
        this.#requireAvailable(key);
        this.#uploads.delete(upload);
      },
    };
    this.#uploads.add(upload);
    return upload;
  }

  async read(key: string, versionId: string): Promise<Readable> {
    this.#requireAvailable(key);
    const { bytes } = this.#require(key, versionId);
    return Readable.from(slices(bytes), { objectMode: false });
  }

  async inspect(key: string, versionId: string): Promise<CopyObjectState | undefined> {
    this.#requireAvailable(key);
    const version = this.#find(key, versionId);
    if (version === undefined) {
      return undefined;
    }
    const { bytes, lockedUntil, legalHold, sha256 } = version;
    return { size: bytes.length, lockedUntil, legalHold, sha256 };
  }

  async extendLock(key: string, versionId: string, until: Date): Promise<void> {
    this.#requireAvailable(key);
    const version = this.#require(key, versionId);
    if (version.lockedUntil === null || version.lockedUntil < until) {
      this.#requireFuture(key, until);
      version.lockedUntil = until;
    }
  }

  async setLegalHold(key: string, versionId: string, on: boolean): Promise<void> {
    this.#requireAvailable(key);
    this.#require(key, versionId).legalHold = on;
  }

  async remove(key: string, versionId: string): Promise<void> {
    this.#requireAvailable(key);
    const versions = this.#objects.get(key) ?? [];
    const version = versions.find((candidate) => candidate.versionId === versionId);
    const isLocked = version?.lockedUntil && version.lockedUntil > this.#clock.now();
    if (isLocked || version?.legalHold) {
      throw new HoldfastError('OBJECT_LOCKED', { copy: this.name, object: key });
    }
    const left = versions.filter((candidate) => candidate !== version);
    if (left.length === 0) {
      this.#objects.delete(key);
      this.#keys.remove(key);
    } else {
      this.#objects.set(key, left);
    }
  }

  async *listFolders(prefix: string, after = ''): AsyncIterable<string> {
    this.#requireAvailable(prefix);
    const folders = this.#keys
      .under(prefix)
      .filter((key) => key.includes('/', prefix.length))
      .map((key) => key.slice(0, key.indexOf('/', prefix.length) + 1));
    yield* [...new Set(folders)].filter((folder) => folder > after);
  }

  async *list(prefix: string): AsyncIterable<CopyListing> {
    this.#requireAvailable(prefix);
    for (const key of this.#keys.under(prefix)) {
      for (const { versionId, bytes, isDeleteMarker } of this.#objects.get(key) ?? []) {
        yield { key, versionId, size: bytes.length, isDeleteMarker };
      }
    }
  }

  /** Writes are opened and neither finished nor aborted. */
  openUploads(): number {
    return this.#uploads.size;
  }

  /**
   * SHA-256 of a version's bytes as they lie there now, `undefined` when it is not there. It is
   * computed once: no store changes the bytes of a version, and `damage` forgets it.
   */
  digestOf(key: string, versionId: string): string | undefined {
    const version = this.#find(key, versionId);
    if (version !== undefined) {
      version.digest ??= sha256Of(version.bytes);
    }
    return version?.digest ?? undefined;
  }

  /** What someone outside Holdfast can do: add a newer version. @returns its version id. */
  overwrite(key: string, bytes: Uint8Array): string {
    return this.#add(key, Buffer.from(bytes), null);
  }

  /** What someone outside Holdfast can do: hide the object behind a delete marker. */
  hide(key: string): void {
    this.#add(key, Buffer.alloc(0), null, null, true);
  }

  /** What no store should do: change the bytes of a version, as a broken disk would. */
  damage(key: string, versionId: string, bytes: Uint8Array): void {
    const version = this.#require(key, versionId);
    version.bytes = Buffer.from(bytes);
    version.digest = null;
  }

  /** What no store should do: forget a lock. */
  unlock(key: string, versionId: string): void {
    this.#require(key, versionId).lockedUntil = null;
  }

  /** What no store should do: lose a version in spite of its lock. */
  lose(key: string, versionId: string): void {
    const left = this.#objects.get(key)?.filter((version) => version.versionId !== versionId);
    this.#objects.set(key, left ?? []);
  }

  /** A repeated write of the same bytes is the first one whose answer was lost. */
  #takeOver(key: string, current: Version, write: CopyWrite & { sha256: string }): string {
    const lockedUntil = current.lockedUntil?.getTime() ?? 0;
    if (sha256Of(current.bytes) !== write.sha256 || lockedUntil < write.lockedUntil.getTime()) {
      throw this.#damaged(key, 'another object has its place');
    }
    return current.versionId;
  }

  #add(
    key: string,
    bytes: Uint8Array,
    lockedUntil: Date | null,
    sha256: string | null = null,
    isDeleteMarker = false,
  ): string {
    this.#versions += 1;
    const versionId = `version-${String(this.#versions).padStart(6, '0')}`;
    const lock = { lockedUntil, legalHold: false };
    const version: Version = { versionId, bytes, ...lock, sha256, digest: null, isDeleteMarker };
    this.#keys.add(key);
    this.#objects.set(key, [version, ...(this.#objects.get(key) ?? [])]);
    return versionId;
  }

  #find(key: string, versionId: string): Version | undefined {
    return this.#objects
      .get(key)
      ?.find((version) => version.versionId === versionId && !version.isDeleteMarker);
  }

  #require(key: string, versionId: string): Version {
    const version = this.#find(key, versionId);
    if (version === undefined) {
      throw new HoldfastError('OBJECT_MISSING', { copy: this.name, object: key });
    }
    return version;
  }

  #requireAvailable(object: string): void {
    if (!this.available) {
      throw new HoldfastError('COPY_UNAVAILABLE', { copy: this.name, object });
    }
  }

  /** S3 takes no lock that has ended already. */
  #requireFuture(object: string, lockedUntil: Date): void {
    if (lockedUntil <= this.#clock.now()) {
      throw new HoldfastError('COPY_DENIED', { copy: this.name, object });
    }
  }

  #damaged(key: string, problem: string): HoldfastError {
    return new HoldfastError('OBJECT_DAMAGED', { copy: this.name, object: key, problem });
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Small pieces, so that readers meet the chunk borders a network would give them. */
function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  const SLICE_BYTES = 64 * 1024;
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    yield Buffer.from(bytes.subarray(start, start + SLICE_BYTES));
  }
}
