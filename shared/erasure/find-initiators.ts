import type { Initiation } from '../domain/erasure-records.ts';
import type { Vault } from '../domain/records.ts';
import type { Ledger } from '../ports/ledger.ts';

/**
 * Finds the acts of people that lead to the erasure of a vault, whoever asks for it in the end:
 * mostly a function does, years later.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function findInitiators(
  ledger: Ledger,
  { vaultId, closing }: Pick<Vault, 'vaultId' | 'closing'>,
): Promise<Initiation[]> {
  if (closing === null) {
    return [];
  }
  const closed: Initiation = { act: 'closed', by: closing.closedBy, at: closing.closedAt };
  const handover = (await ledger.get('handover', vaultId))?.record;
  return handover === undefined
    ? [closed]
    : [closed, { act: 'handed-over', by: handover.confirmedBy, at: handover.confirmedAt }];
}
