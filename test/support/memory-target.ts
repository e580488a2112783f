import { HoldfastError } from '../../shared/domain/errors.ts';
import { MAX_KEY_BYTES } from '../../shared/domain/limits.ts';
import type { VerifiedRecord } from '../../shared/format/verified-record.ts';
import type { Target } from '../../shared/ports/target.ts';

/** What lies in the target under one path. */
export interface RestoredRecord {
  readonly bytes: Buffer;
  readonly contentType: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A restore target in memory. `writable` set to `false` plays a full or forbidden one. */
export class MemoryTarget implements Target {
  writable = true;
  readonly files = new Map<string, RestoredRecord>();

  async examine(
    batches: AsyncIterable<readonly string[]>,
  ): Promise<{ existing: number; unsafe: number }> {
    let existing = 0;
    let unsafe = 0;
    for await (const paths of batches) {
      existing += paths.filter((path) => this.files.has(path)).length;
      unsafe += paths.filter((path) => Buffer.byteLength(path) > MAX_KEY_BYTES).length;
    }
    return { existing, unsafe };
  }

  async write(verified: VerifiedRecord, overwrite: boolean): Promise<void> {
    const bytes = await verified.whole();
    const { record } = verified;
    if (!this.writable) {
      throw new HoldfastError('TARGET_UNWRITABLE', { reason: 'no space is left' });
    }
    if (!overwrite && this.files.has(record.path)) {
      throw new HoldfastError('TARGET_EXISTS', { count: 1 });
    }
    const { contentType, metadata, tags } = record;
    this.files.set(record.path, { bytes, contentType, metadata, tags });
  }
}
