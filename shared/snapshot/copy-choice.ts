import { type CopyName, otherCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';

/** Failures of one copy, or of the key in its Region, that say nothing about the other one. */
const OTHER_MAY_HELP = [
  'OBJECT_DAMAGED',
  'OBJECT_MISSING',
  'COPY_UNAVAILABLE',
  'COPY_DENIED',
  'KEYS_UNAVAILABLE',
  'KEYS_UNUSABLE',
] as const;

/** Failures that will meet every object of the copy: later reads begin with the other one. */
const LASTS = ['COPY_UNAVAILABLE', 'COPY_DENIED', 'KEYS_UNAVAILABLE', 'KEYS_UNUSABLE'] as const;

/** From which copy the objects of a snapshot are read: one only, or first one, then the other. */
export class CopyChoice {
  readonly #from: CopyName | 'any';
  #first: CopyName;

  constructor(from: CopyName | 'any') {
    this.#from = from;
    this.#first = from === 'any' ? 'primary' : from;
  }

  /** @returns the copies to try for the next object, in order. */
  order(): readonly CopyName[] {
    return this.#from === 'any' ? [this.#first, otherCopy(this.#first)] : [this.#from];
  }

  /**
   * Takes note of a failed read.
   * @param order - as `order` gave it for this object.
   * @throws `error` itself when no further copy may be tried.
   */
  passOver(copy: CopyName, order: readonly CopyName[], error: unknown): void {
    if (!isFault(error, ...OTHER_MAY_HELP) || copy === order.at(-1)) {
      throw error;
    }
    if (isFault(error, ...LASTS)) {
      this.#first = otherCopy(copy);
    }
  }
}
