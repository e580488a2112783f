/** Goes through batches item by item, and waits only where a batch ends. */
export class BatchCursor<Item> {
  readonly #batches: AsyncIterator<readonly Item[]>;
  #batch: readonly Item[] = [];
  #index = 0;
  #isDone = false;

  constructor(batches: AsyncIterable<readonly Item[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** The item at hand; `undefined` when its batch is used up. */
  get item(): Item | undefined {
    return this.#batch[this.#index];
  }

  /** Leaves the item at hand. */
  advance(): void {
    this.#index += 1;
  }

  /**
   * Goes on to the next batch when one is used up.
   * @returns the item at hand; `undefined` when there is no more.
   * @throws what the batches throw.
   */
  async fetch(): Promise<Item | undefined> {
    while (this.item === undefined && !this.#isDone) {
      const { done, value } = await this.#batches.next();
      this.#isDone = done === true;
      this.#batch = value ?? [];
      this.#index = 0;
    }
    return this.item;
  }

  /** Ends the batches where they are. */
  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
