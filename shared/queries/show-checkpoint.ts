import { findCheckpoint } from '../audit/find-checkpoint.ts';
import type { SignedHead } from '../format/audit-bundle.ts';
import { proveHead } from '../format/checkpoint.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';

/**
 * @returns where a vault's audit chain stood at the last checkpoint, with the proof that it was
 * among what was signed; `null` when no checkpoint covers the vault yet.
 * @throws HoldfastError `VAULT_UNKNOWN`, `COPY_UNAVAILABLE`, `COPY_DENIED`, `OBJECT_DAMAGED`,
 * `SIGNATURE_INVALID`, `SIGNING_UNAVAILABLE`.
 */
export async function showCheckpoint(
  services: Pick<Services, 'ledger' | 'copies' | 'signing' | 'clock'>,
  vaultId: string,
): Promise<{ checkpoint: SignedHead | null }> {
  await requireVault(services.ledger, vaultId);
  const date = services.clock.now().toISOString().slice(0, 10);
  const found = await findCheckpoint(services, date);
  const proof = found && proveHead(found.file.heads, vaultId);
  const head = proof && found.file.heads[proof.index];
  if (found === undefined || proof === undefined || head === undefined) {
    return { checkpoint: null };
  }
  const { jws, timestampToken } = found.file;
  const [, entries, hash] = head;
  return {
    checkpoint: {
      ...{ jws, timestampToken, entries, head: hash },
      index: proof.index,
      path: [...proof.path],
    },
  };
}
