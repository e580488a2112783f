import type { Services } from '../../shared/ports/services.ts';
import { requireReconciled } from '../../shared/tombstone/require-reconciled.ts';

/** They bring a restored ledger up to date, or only show what it says. */
const SERVE_ALWAYS = ['admin-query', 'admin-rebuild', 'compare-tombstones'];

/**
 * Keeps a function from a ledger that was restored and not compared with the tombstones since.
 *
 * @param name - of the function.
 * @throws HoldfastError `LEDGER_UNRECONCILED`, `LEDGER_UNAVAILABLE`.
 */
export async function refuseUnreconciled(
  name: string,
  services: Pick<Services, 'ledger'>,
): Promise<void> {
  if (!SERVE_ALWAYS.includes(name)) {
    await requireReconciled(services);
  }
}
