import type { QueryOf } from '../admin-api/route-inputs.ts';
import { findCheckpoint } from '../audit/find-checkpoint.ts';
import type { SignedHead } from '../format/audit-bundle.ts';
import { proveHead } from '../format/checkpoint.ts';
import type { Services } from '../ports/services.ts';
import { requireChainOwner } from '../registry/find-chain.ts';

/**
 * @param chainId - id of a vault or a client, or `installation`.
 * @param query - the last checkpoint up to that day is taken; default: the last one of all.
 * @returns where that audit chain stood at the checkpoint, with the proof that it was among what
 * was signed; `null` when that checkpoint does not cover it.
 * @throws HoldfastError `ID_INVALID`, `CHAIN_UNKNOWN`, `COPY_UNAVAILABLE`, `COPY_DENIED`,
 * `OBJECT_DAMAGED`, `SIGNATURE_INVALID`, `SIGNING_UNAVAILABLE`.
 */
export async function showCheckpoint(
  services: Pick<Services, 'ledger' | 'copies' | 'signing' | 'clock'>,
  chainId: string,
  query: QueryOf<'showCheckpoint'>,
): Promise<{ checkpoint: SignedHead | null }> {
  await requireChainOwner(services.ledger, chainId);
  const date = query.date ?? services.clock.now().toISOString().slice(0, 10);
  const found = await findCheckpoint(services, date);
  const proof = found && proveHead(found.file.heads, chainId);
  const head = proof && found.file.heads[proof.index];
  if (found === undefined || proof === undefined || head === undefined) {
    return { checkpoint: null };
  }
  const { jws, timestampToken } = found.file;
  const [, entries, hash, finding = null] = head;
  return {
    checkpoint: {
      ...{ jws, timestampToken, entries, head: hash, finding },
      index: proof.index,
      path: [...proof.path],
    },
  };
}
