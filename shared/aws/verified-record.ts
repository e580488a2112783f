import { createHash } from 'node:crypto';
import { HoldfastError } from '../domain/errors.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';

/** Compares bytes on their way with the size and the SHA-256 that a manifest names. */
export class VerifiedRecord {
  readonly #record: ManifestRecord;
  readonly #hash = createHash('sha256');
  #seen = 0;

  constructor(record: ManifestRecord) {
    this.#record = record;
  }

  /** @throws HoldfastError `TARGET_UNWRITABLE` as soon as there are more bytes than named. */
  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#seen += bytes.length;
    if (this.#seen > this.#record.size) {
      throw mismatch();
    }
  }

  /** @throws HoldfastError `TARGET_UNWRITABLE` unless all bytes came and no others. */
  requireWhole(): void {
    const { size, sha256 } = this.#record;
    if (this.#seen !== size || this.#hash.digest('hex') !== sha256) {
      throw mismatch();
    }
  }
}

function mismatch(): HoldfastError {
  const reason = 'the bytes are not those the manifest names';
  return new HoldfastError('TARGET_UNWRITABLE', { reason });
}
