import { createHash } from 'node:crypto';

/**
 * Numbers that look random and are the same for the same seed: xorshift128 (Marsaglia 2003), which
 * is fast and good enough to fill files with.
 */
export class SeededRandom {
  readonly #state: Uint32Array;

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest();
    this.#state = Uint32Array.from([0, 4, 8, 12], (offset) => digest.readUInt32LE(offset));
  }

  /** @returns 32 bits. */
  bits(): number {
    const state = this.#state;
    let mixed = state[3] as number;
    mixed ^= mixed << 11;
    mixed ^= mixed >>> 8;
    state[3] = state[2] as number;
    state[2] = state[1] as number;
    const first = state[0] as number;
    state[1] = first;
    mixed ^= first ^ (first >>> 19);
    state[0] = mixed;
    return mixed >>> 0;
  }

  /** @returns a whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  /** @returns one of the items, each as likely. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  /** @returns bytes that do not compress. */
  bytes(size: number): Buffer {
    const words = new Uint32Array(Math.ceil(size / 4));
    for (let index = 0; index < words.length; index += 1) {
      words[index] = this.bits();
    }
    return Buffer.from(words.buffer, 0, size);
  }
}
