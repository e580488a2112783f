import { compareUtf8 } from '../../shared/domain/utf8-order.ts';

/** Keys in the order of S3, so that those under a prefix are found without looking at others. */
export class SortedKeys {
  readonly #keys: string[] = [];

  /** A key that is there already is not added again. */
  add(key: string): void {
    const place = this.#placeOf(key);
    if (this.#keys[place] !== key) {
      this.#keys.splice(place, 0, key);
    }
  }

  remove(key: string): void {
    const place = this.#placeOf(key);
    if (this.#keys[place] === key) {
      this.#keys.splice(place, 1);
    }
  }

  /** @returns the keys that begin with the prefix, ascending. */
  under(prefix: string): string[] {
    const first = this.#placeOf(prefix);
    let end = first;
    while (this.#keys[end]?.startsWith(prefix)) {
      end += 1;
    }
    return this.#keys.slice(first, end);
  }

  /** @returns the first place whose key does not come before this one. */
  #placeOf(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareUtf8(this.#keys[middle] as string, key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
