import { createHash, hash } from 'node:crypto';
import type { ManifestRecord } from './manifest-record.ts';
import { damaged, type Origin } from './origin.ts';
import type { PackedRecord } from './pack-reader.ts';

/**
 * A record out of a pack whose content is compared with its manifest line, once (format.md 4.5).
 * There is no other way to make one, and a restore's target takes nothing else: so nothing that is
 * not verified can get its final name.
 */
export class VerifiedRecord {
  readonly record: ManifestRecord;
  /** All of its content, verified, when the pack gave it whole; otherwise `null`. */
  readonly bytes: Buffer | null;
  readonly #packed: PackedRecord;
  readonly #origin: Origin;

  /**
   * @throws HoldfastError `OBJECT_DAMAGED` when its size, or content that is there whole, is not
   * that of the manifest.
   */
  constructor(record: ManifestRecord, packed: PackedRecord, origin: Origin) {
    this.record = record;
    this.bytes = packed.bytes;
    this.#packed = packed;
    this.#origin = origin;
    const { bytes, size } = packed;
    const isSame = bytes === null || hash('sha256', bytes, 'hex') === record.sha256;
    if (size !== record.size || !isSame) {
      throw this.#damaged();
    }
  }

  /**
   * Its content in pieces, each valid until the next one is asked for. They are the record's only
   * when the generator has ended without an error.
   * @throws HoldfastError `OBJECT_DAMAGED`, and whatever the pack throws.
   */
  async *pieces(): AsyncGenerator<Buffer> {
    if (this.bytes !== null) {
      yield this.bytes;
      return;
    }
    const content = createHash('sha256');
    for await (const piece of this.#packed.pieces()) {
      content.update(piece);
      yield piece;
    }
    if (content.digest('hex') !== this.record.sha256) {
      throw this.#damaged();
    }
  }

  /** @returns all of it in memory. @throws as `pieces` does. */
  async whole(): Promise<Buffer> {
    if (this.bytes !== null) {
      return this.bytes;
    }
    const whole = Buffer.allocUnsafe(this.record.size);
    let filled = 0;
    for await (const piece of this.pieces()) {
      filled += piece.copy(whole, filled);
    }
    return whole;
  }

  #damaged(): Error {
    const problem = 'incomplete: a record in it is not the one that the manifest names';
    return damaged(this.#origin, problem);
  }
}
