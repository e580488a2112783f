import { withoutKind } from '../admin-api/answers.ts';
import type { ChangedHold } from '../admin-api/hold-answer.ts';
import type { Hold } from '../domain/hold-records.ts';
import { findOpenErasure } from '../erasure/find-erasure.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';

/**
 * @returns a hold that was just changed, with what its vault is under by now.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function showChangedHold(
  { ledger }: Pick<Services, 'ledger'>,
  hold: Hold,
): Promise<ChangedHold> {
  const { record: vault } = await requireVault(ledger, hold.vaultId);
  const open = (await findOpenErasure(ledger, vault))?.record;
  const begun = open === undefined || open.state === 'REQUESTED' ? null : open.erasureId;
  return { ...withoutKind(hold), vaultHolds: vault.holds, erasureBegun: begun };
}
