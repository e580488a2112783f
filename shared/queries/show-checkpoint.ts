import type { QueryOf } from '../admin-api/route-inputs.ts';
import { findSignedHead } from '../audit/find-signed-head.ts';
import type { SignedHead } from '../format/audit-bundle.ts';
import type { Services } from '../ports/services.ts';
import { requireChainOwner } from '../registry/find-chain.ts';

/**
 * @param chainId - id of a vault or a client, or `installation`.
 * @param query - the last checkpoint up to that day is taken; default: the last one of all.
 * @returns where that audit chain stood at the checkpoint, with the proof that it was among what
 * was signed; `null` when the last checkpoint does not cover it yet.
 * @throws HoldfastError `ID_INVALID`, `CHAIN_UNKNOWN`, `CHECKPOINT_UNKNOWN`, `COPY_UNAVAILABLE`,
 * `COPY_DENIED`, `OBJECT_DAMAGED`, `SIGNATURE_INVALID`, `SIGNING_UNAVAILABLE`.
 */
export async function showCheckpoint(
  services: Pick<Services, 'ledger' | 'copies' | 'signing' | 'clock'>,
  chainId: string,
  { date }: QueryOf<'showCheckpoint'>,
): Promise<{ checkpoint: SignedHead | null }> {
  await requireChainOwner(services.ledger, chainId);
  const found = await findSignedHead(services, chainId, date);
  return { checkpoint: found?.head ?? null };
}
