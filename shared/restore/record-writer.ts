import type { ManifestRecord } from '../format/manifest-record.ts';
import type { VerifiedRecord } from '../format/verified-record.ts';
import type { RestoreWish } from './restore-wish.ts';

/** Small records written at once: a write to S3 takes tens of milliseconds, whatever its size. */
const AT_ONCE = 16;

/** Hands records of one pack to the target: small ones side by side, large ones one by one. */
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
   * Takes a record; one whose content is in memory may still be written when this returns.
   * @throws HoldfastError `OBJECT_DAMAGED`, and what the target throws.
   */
  async write(verified: VerifiedRecord): Promise<void> {
    if (verified.bytes === null) {
      await this.settle();
      await this.#give(verified);
      return;
    }
    while (this.#writing.size >= AT_ONCE) {
      await Promise.race(this.#writing);
    }
    this.#throwFailure();
    const writing = this.#give(verified)
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

  async #give(verified: VerifiedRecord): Promise<void> {
    await this.#wish.target.write(verified, this.#wish.overwrite);
    this.#onWritten(verified.record);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }
}
