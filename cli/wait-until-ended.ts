import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

/** First wait; each further one is half as long again, up to the longest. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Asks until something has ended.
 * @param options.limitMs - how long to wait in all.
 * @param options.later - what to do when the limit is reached; the work goes on by itself.
 * @throws CliError `STILL_RUNNING` when the limit is reached.
 */
export async function waitUntilEnded<T extends { readonly state: string }>(
  ask: () => Promise<T>,
  sleep: (milliseconds: number) => Promise<void>,
  options: { readonly limitMs: number; readonly later: string },
): Promise<T> {
  let waited = 0;
  let wait = FIRST_WAIT_MS;
  for (;;) {
    const answer = await ask();
    if (answer.state !== 'RUNNING') {
      return answer;
    }
    if (waited >= options.limitMs) {
      throw new CliError({
        code: 'STILL_RUNNING',
        message: 'It has not ended yet; it goes on by itself.',
        next: options.later,
        exitCode: EXIT.unavailable,
      });
    }
    await sleep(wait);
    waited += wait;
    wait = Math.min(wait * 1.5, LONGEST_WAIT_MS);
  }
}
