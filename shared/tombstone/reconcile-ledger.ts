import type { LedgerStatus } from '../admin-api/rebuild-answers.ts';
import type { Services } from '../ports/services.ts';
import { isReconciled } from './require-reconciled.ts';

/**
 * Has the ledger compared with the tombstones now instead of with the next daily run.
 *
 * @returns whether it is reconciled already; otherwise ask again until it is.
 * @throws HoldfastError `PIPELINE_UNAVAILABLE`, `LEDGER_UNAVAILABLE`.
 */
export async function reconcileLedger(
  services: Pick<Services, 'ledger' | 'pipeline'>,
): Promise<LedgerStatus> {
  await services.pipeline.compareTombstones({ after: '' });
  return showLedger(services);
}

/**
 * @returns whether the ledger serves anything.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function showLedger(services: Pick<Services, 'ledger'>): Promise<LedgerStatus> {
  return { isReconciled: await isReconciled(services) };
}
