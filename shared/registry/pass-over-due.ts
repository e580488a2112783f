import { pMapIterable } from 'p-map';
import { isFault } from '../domain/errors.ts';
import type { Work } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import type { PassEnd } from './pass-over-vaults.ts';

/** How far one invocation gets with a queue. */
export interface DuePass {
  /** Vaults up to this id were done by the invocation before. @default none */
  readonly after?: string | undefined;
  /** Asked before each vault. @default there always is */
  readonly hasTime?: () => boolean;
}

export interface DueOptions extends DuePass {
  readonly work: Work;
  /** Name of the log event of a failure, such as `move.failed`. */
  readonly failed: string;
  /** Vaults worked on side by side. @default 1 */
  readonly atOnce?: number;
}

export interface DueResult extends PassEnd {
  /** For how many vaults the step did what is counted. */
  readonly count: number;
}

/**
 * Takes one step for every vault that waits in a queue, in the order of the vaults' ids and not of
 * the queue: a step seldom takes a vault out of it, and the next invocation is to go on where this
 * one ran out of time. One that fails keeps no other from its turn.
 *
 * @param step - returns whether it did what is counted. It must bear being repeated.
 * @throws HoldfastError `LEDGER_UNAVAILABLE` when the queue cannot be read.
 */
export async function passOverDue(
  { ledger, clock, telemetry }: Pick<Services, 'ledger' | 'clock' | 'telemetry'>,
  { work, failed, after = '', hasTime = () => true, atOnce = 1 }: DueOptions,
  step: (vaultId: string) => Promise<boolean>,
): Promise<DueResult> {
  const failures: unknown[] = [];
  let count = 0;
  const takeTurn = async (vaultId: string) => {
    if (!hasTime()) {
      return { vaultId, isDone: false };
    }
    try {
      const isCounted = await step(vaultId);
      count += isCounted ? 1 : 0;
    } catch (error) {
      telemetry.event(failed, { vaultId, code: isFault(error) ? error.code : 'UNEXPECTED' });
      failures.push(error);
    }
    return { vaultId, isDone: true };
  };
  const due = new Set(await Array.fromAsync(ledger.due(work, clock.now())));
  const left = [...due].filter((vaultId) => vaultId > after).toSorted();
  let done = after;
  let stoppedAfter: string | null = null;
  for await (const turn of pMapIterable(left, takeTurn, { concurrency: atOnce })) {
    stoppedAfter ??= turn.isDone ? null : done;
    done = turn.vaultId;
  }
  return { count, stoppedAfter, failures };
}

/** @throws the first failure of a pass that nobody goes on with. */
export function requireNoFailure({ failures }: Pick<PassEnd, 'failures'>): void {
  if (failures.length > 0) {
    throw failures[0];
  }
}
