import { type AuditPage, withoutKind } from '../admin-api/answers.ts';
import type { QueryOf } from '../admin-api/route-inputs.ts';
import { findBrokenLink } from '../domain/audit-chain.ts';
import type { AuditEntry } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';

/**
 * Reads a vault's whole audit chain, checks it, and answers one page of it. An entry that is
 * written meanwhile is left out: the chain is checked up to the head that was read first.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function showAudit(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  { limit, after }: QueryOf<'showAudit'>,
): Promise<AuditPage> {
  const { record: vault } = await requireVault(ledger, vaultId);
  const chain: AuditEntry[] = [];
  for await (const { record } of ledger.list('audit', { vaultId })) {
    if (record.sequence <= vault.audit.count) {
      chain.push(record);
    }
  }
  const broken = findBrokenLink(chain, vault.audit);
  const later = chain.filter(({ sequence }) => sequence > after);
  const page = later.slice(0, limit);
  return {
    entries: page.map(withoutKind),
    next: later.length > limit ? (page.at(-1)?.sequence ?? null) : null,
    chain: {
      whole: broken === undefined,
      entries: vault.audit.count,
      head: vault.audit.head,
      brokenAt: broken?.at ?? null,
      problem: broken?.what ?? null,
    },
  };
}
