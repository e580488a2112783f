import { isFault } from '../domain/errors.ts';
import type { Work } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';

/**
 * Takes one step for every vault whose erasure, or other work, is due. One that fails does not stop
 * the others.
 *
 * @param failed - name of the log event of a failure.
 * @param step - returns whether it did what is counted.
 * @param work - the queue. @default 'erasure'
 * @returns for how many it did.
 * @throws the first failure, after all were tried.
 */
export async function workThroughDue(
  services: Pick<Services, 'ledger' | 'clock' | 'telemetry'>,
  failed: string,
  step: (vaultId: string) => Promise<boolean>,
  work: Work = 'erasure',
): Promise<number> {
  const failures: unknown[] = [];
  let count = 0;
  for await (const vaultId of services.ledger.due(work, services.clock.now())) {
    try {
      count += (await step(vaultId)) ? 1 : 0;
    } catch (error) {
      const code = isFault(error) ? error.code : 'UNEXPECTED';
      services.telemetry.event(failed, { vaultId, code });
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    throw failures[0];
  }
  return count;
}
