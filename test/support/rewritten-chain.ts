import { NO_ENTRIES, withAuditEntry } from '../../shared/domain/audit-chain.ts';
import type { Vault } from '../../shared/domain/records.ts';
import type { Change } from '../../shared/ports/ledger.ts';
import type { MemoryServices } from './memory-services.ts';

/** Who never did anything. */
export const NOBODY = 'arn:aws:iam::111122223333:user/nobody';

/**
 * What somebody can do who may write the ledger: puts another actor into one entry of a vault's
 * chain, and gives it and all later ones new hashes, so that the chain is whole in itself.
 */
export async function rewriteChain(
  { ledger }: MemoryServices,
  vaultId: string,
  forged: number,
): Promise<void> {
  const stored = await ledger.get('vault', vaultId);
  let vault = { ...stored?.record, audit: NO_ENTRIES } as Vault;
  const changes: Change[] = [];
  for await (const { record, version } of ledger.list('audit', { chainId: vaultId })) {
    const actor = record.sequence === forged ? NOBODY : record.actor;
    const next = withAuditEntry(vault, { ...record, actor, at: new Date(record.at) });
    vault = next.owner as Vault;
    changes.push({ record: next.entry, expect: version });
  }
  await ledger.write([{ record: vault, expect: stored?.version ?? 0 }, ...changes]);
}
