import { isFault } from '../domain/errors.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';

/** How often a decision is taken anew when another writer was faster, and how long it waits. */
export interface Patience {
  readonly tries: number;
  /** Waits before a decision is taken anew. @param tries - how often it was taken in vain. */
  readonly wait: (tries: number) => Promise<void>;
}

/** For somebody who waits for the answer and can ask again: five times, at once. */
const HASTY: Patience = { tries: 5, wait: async () => {} };

/** What is to be written in one transaction; nothing at all when there are no changes. */
export interface Decision<Result> {
  readonly changes: readonly Change[];
  readonly result: Result;
}

/**
 * Reads, decides and writes in one transaction; from the beginning again when someone else changed
 * one of the records in between.
 *
 * @param decide - reads what it decides on, and has no effect of its own.
 * @param patience - default: five tries without a pause.
 * @throws HoldfastError `LEDGER_CONFLICT` after the last try; whatever `decide` throws.
 */
export async function writeDecision<Result>(
  { ledger }: Pick<Services, 'ledger'>,
  decide: () => Promise<Decision<Result>>,
  { tries: most, wait }: Patience = HASTY,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const { changes, result } = await decide();
    if (changes.length === 0) {
      return result;
    }
    try {
      await ledger.write(changes);
      return result;
    } catch (error) {
      if (tries === most || !isFault(error, 'LEDGER_CONFLICT')) {
        throw error;
      }
      await wait(tries);
    }
  }
}
