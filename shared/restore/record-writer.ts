import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ManifestRecord } from '../format/manifest-record.ts';
import { damaged, type Origin } from '../format/origin.ts';
import type { PackedRecord } from '../format/pack-reader.ts';
import type { RestoreWish } from './restore-wish.ts';

/** Records up to this size are taken out of the pack into memory, and written side by side. */
const SMALL_BYTES = 1024 * 1024;

/** Small records written at once: a write to S3 takes tens of milliseconds, whatever its size. */
const AT_ONCE = 16;

/**
 * Hands records of one pack to the target. What reaches the target ends without error only when
 * size and SHA-256 are those of the manifest (format.md 4.5).
 */
export class RecordWriter {
  readonly #wish: RestoreWish;
  readonly #onWritten: (record: ManifestRecord) => void;
  readonly #writing = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  constructor(wish: RestoreWish, onWritten: (record: ManifestRecord) => void) {
    this.#wish = wish;
    this.#onWritten = onWritten;
  }

  /**
   * Takes a record out of its pack; a small one may still be written when this returns.
   * @param written - called when the target has it.
   * @throws HoldfastError `OBJECT_DAMAGED`, and what the target throws.
   */
  async write(
    record: ManifestRecord,
    packed: PackedRecord,
    origin: Origin,
    written: () => void,
  ): Promise<void> {
    const body = matching(packed.body, record, origin);
    if (packed.size > SMALL_BYTES) {
      await this.settle();
      await this.#give(record, Readable.from(body, { objectMode: false }), written);
      return;
    }
    const chunks = await Array.fromAsync(body);
    while (this.#writing.size >= AT_ONCE) {
      await Promise.race(this.#writing);
    }
    this.#throwFailure();
    const writing = this.#give(record, Readable.from(chunks, { objectMode: false }), written)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** Waits for all records taken. @throws the first failure of the target. */
  async settle(): Promise<void> {
    await Promise.all(this.#writing);
    this.#throwFailure();
  }

  async #give(record: ManifestRecord, body: Readable, written: () => void): Promise<void> {
    await this.#wish.target.write(record, body, this.#wish.overwrite);
    written();
    this.#onWritten(record);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }
}

/** Passes a record's bytes on and fails at their end unless they are those of the manifest. */
async function* matching(
  body: AsyncIterable<Buffer>,
  record: ManifestRecord,
  origin: Origin,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  if (size !== record.size || hash.digest('hex') !== record.sha256) {
    throw damaged(origin, 'incomplete: a record in it is not the one that the manifest names');
  }
}
