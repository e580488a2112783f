import type { Readable } from 'node:stream';
import type { CopyName } from '../domain/copy-name.ts';

/**
 * One locked, versioned bucket in one Region.
 *
 * Keys contain ULIDs and are written once, but for a move of the vault to other keys, which writes
 * a further version. Reads name the version, so nothing that others put under the same key matters.
 * A finished write can be read at once. Every method may be repeated; transient failures have been
 * retried within bounds before an error is thrown.
 *
 * All methods throw HoldfastError `COPY_UNAVAILABLE` (repeating may help) and `COPY_DENIED`.
 */
export interface Copy {
  readonly name: CopyName;

  /**
   * Writes a whole object, locked in COMPLIANCE mode from birth. The store verifies the bytes'
   * SHA-256, given in lower-case hex.
   * @returns the version id.
   * @throws HoldfastError `OBJECT_DAMAGED` when the bytes have another SHA-256, or when other bytes
   * lie under this key already, unless it is to be written besides.
   */
  put(key: string, bytes: Uint8Array, write: CopyWrite & { sha256: string }): Promise<string>;

  /** Opens a write of unknown length, locked from birth; nothing can be seen before `finish`. */
  open(key: string, write: CopyWrite): Promise<CopyUpload>;

  /**
   * Streams one version. Who reads it compares it with what was recorded when it was written.
   * @throws HoldfastError `OBJECT_MISSING`.
   */
  read(key: string, versionId: string): Promise<Readable>;

  /** What the store itself says of one version; `undefined` when it is not there. */
  inspect(key: string, versionId: string): Promise<CopyObjectState | undefined>;

  /**
   * Extends a COMPLIANCE lock; does nothing when it lasts longer already. To a time that is past
   * none is extended: that is refused with `COPY_DENIED`.
   * @throws HoldfastError `OBJECT_MISSING`.
   */
  extendLock(key: string, versionId: string, until: Date): Promise<void>;

  /**
   * Switches the store's own legal hold of one version on or off: while it is on nobody can delete
   * the version, whatever became of its lock.
   * @throws HoldfastError `OBJECT_MISSING`.
   */
  setLegalHold(key: string, versionId: string, on: boolean): Promise<void>;

  /**
   * Deletes one version for good.
   * @throws HoldfastError `OBJECT_LOCKED` while its lock lasts, or it is under a legal hold.
   */
  remove(key: string, versionId: string): Promise<void>;

  /**
   * What the next part of a key may be, such as `vaults/01…/` under `vaults/`, in order and each
   * once, also where only delete markers and old versions are left.
   * @param after - only those behind this one.
   */
  listFolders(prefix: string, after?: string): AsyncIterable<string>;

  /** All versions and delete markers under a prefix, in key order (UTF-8), newest version first. */
  list(prefix: string): AsyncIterable<CopyListing>;
}

export interface CopyWrite {
  /** In the future: any other lock is refused with `COPY_DENIED`. */
  readonly lockedUntil: Date;
  readonly contentType: string;
  /**
   * Writes a further version under a key that is taken. Repeating it writes another one.
   * @default false
   */
  readonly besides?: boolean;
}

/** An object being written in parts. Exactly one of `finish` and `abort` ends it. */
export interface CopyUpload {
  /** Parts arrive in order, each of `PART_BYTES` except the last. */
  writePart(bytes: Uint8Array): Promise<void>;
  /** @returns the version id of the finished object. */
  finish(): Promise<string>;
  abort(): Promise<void>;
}

export interface CopyObjectState {
  readonly size: number;
  /** End of the COMPLIANCE lock, `null` when it is not locked. */
  readonly lockedUntil: Date | null;
  /** Whether the store's own legal hold is on. */
  readonly legalHold: boolean;
  /** Lower-case hex SHA-256 of the whole object; `null` when the store knows it of parts only. */
  readonly sha256: string | null;
}

export interface CopyListing {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  readonly isDeleteMarker: boolean;
}
