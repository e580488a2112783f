const NOTHING = Buffer.alloc(0);

/** Takes bytes from a stream of chunks in the pieces that a format has, copying few of them. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = NOTHING;

  /** @param chunks - each need be valid only until the next one is asked for. */
  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * Waits until there are bytes to take.
   * @returns `false` at the end of the stream.
   * @throws what the stream throws.
   */
  async fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        return false;
      }
      this.#rest = next.value;
    }
    return true;
  }

  /**
   * Takes what is there, up to so many bytes, without waiting.
   * @returns a view that is valid until `fill`, `read` or `skip` is called; empty when nothing is
   * there.
   */
  take(limit: number): Buffer {
    const taken = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /**
   * Takes so many bytes when all of them are there, without waiting: a promise for each small piece
   * would cost more than the piece.
   * @returns a view that is valid until `fill`, `read` or `skip` is called.
   */
  takeWhole(size: number): Buffer | undefined {
    return this.#rest.length >= size ? this.take(size) : undefined;
  }

  /**
   * Takes so many bytes, fewer only when the stream ends before.
   * @returns a view that is valid until the next call.
   * @throws what the stream throws.
   */
  async read(size: number): Promise<Buffer> {
    const there = this.takeWhole(size);
    if (there !== undefined) {
      return there;
    }
    const whole = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size && (await this.fill())) {
      filled += this.take(size - filled).copy(whole, filled);
    }
    return whole.subarray(0, filled);
  }

  /** Gives bytes back that were taken last. */
  unread(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([bytes, this.#rest]);
  }

  /**
   * Passes over so many bytes.
   * @returns how many there were: fewer only when the stream ends before.
   * @throws what the stream throws.
   */
  async skip(size: number): Promise<number> {
    let skipped = 0;
    while (skipped < size && (await this.fill())) {
      skipped += this.take(size - skipped).length;
    }
    return skipped;
  }

  /** Ends the stream early. */
  async close(): Promise<void> {
    this.#rest = NOTHING;
    await this.#chunks.return?.();
  }
}
