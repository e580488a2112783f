import type { CopyName } from '../domain/copy-name.ts';
import type { ReadOutcome } from './read-whole.ts';

/** Reads in a row that a copy may leave unanswered; each has been repeated for seconds by then. */
const MOST_UNANSWERED = 3;

/**
 * Remembers which copy does not answer, so that a run does not spend its time on asking a Region
 * that is down.
 */
export class SilentCopies {
  readonly #unanswered = { primary: 0, secondary: 0 };

  has(copy: CopyName): boolean {
    return this.#unanswered[copy] >= MOST_UNANSWERED;
  }

  note(copy: CopyName, outcome: ReadOutcome): void {
    if (outcome.found === 'unanswered') {
      this.#unanswered[copy] += 1;
    } else if (outcome.found !== 'out-of-time') {
      this.#unanswered[copy] = 0;
    }
  }
}
