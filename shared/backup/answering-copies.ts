import type { CopyName } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';

/** What the copies that answered have answered. */
export type Answers<T> = ReadonlyMap<CopyName, T>;

/**
 * Asks copies at once and waits for all of them, so that nothing goes on behind a failure.
 *
 * @returns the answers of those that are not down, at least one.
 * @throws the outage when all are down, and any other failure of one.
 */
export async function answering<T>(
  names: readonly CopyName[],
  work: (copy: CopyName) => Promise<T>,
): Promise<Answers<T>> {
  const outcomes = await Promise.allSettled(names.map(work));
  const answers = new Map<CopyName, T>();
  const failures: unknown[] = [];
  for (const [index, name] of names.entries()) {
    const outcome = outcomes[index];
    if (outcome?.status === 'fulfilled') {
      answers.set(name, outcome.value);
    } else {
      failures.push(outcome?.reason);
    }
  }
  const fatal = failures.find((failure) => !isFault(failure, 'COPY_UNAVAILABLE'));
  if (fatal !== undefined || answers.size === 0) {
    throw fatal ?? failures[0];
  }
  return answers;
}

/** @returns the versions of an object that these copies have written. */
export function versionsOf(answers: Answers<string>): StoredObject['versions'] {
  return {
    primary: answers.get('primary') ?? null,
    secondary: answers.get('secondary') ?? null,
  };
}
