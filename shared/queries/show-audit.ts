import { type AuditPage, withoutKind } from '../admin-api/answers.ts';
import type { QueryOf } from '../admin-api/route-inputs.ts';
import { findBrokenLink } from '../domain/audit-chain.ts';
import type { AuditEntry } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { requireChainOwner } from '../registry/find-chain.ts';

/**
 * Reads a whole audit chain, checks it, and answers one page of it. An entry that is
 * written meanwhile is left out: the chain is checked up to the head that was read first.
 *
 * @param chainId - id of a vault or a client, or `installation`.
 * @throws HoldfastError `ID_INVALID`, `CHAIN_UNKNOWN`.
 */
export async function showAudit(
  { ledger }: Pick<Services, 'ledger'>,
  chainId: string,
  { limit, after }: QueryOf<'showAudit'>,
): Promise<AuditPage> {
  const { audit } = await requireChainOwner(ledger, chainId);
  const chain: AuditEntry[] = [];
  for await (const { record } of ledger.list('audit', { chainId })) {
    if (record.sequence <= audit.count) {
      chain.push(record);
    }
  }
  const broken = findBrokenLink(chain, audit);
  const later = chain.filter(({ sequence }) => sequence > after);
  const page = later.slice(0, limit);
  return {
    entries: page.map(withoutKind),
    next: later.length > limit ? (page.at(-1)?.sequence ?? null) : null,
    chain: {
      whole: broken === undefined,
      entries: audit.count,
      head: audit.head,
      brokenAt: broken?.at ?? null,
      problem: broken?.what ?? null,
    },
  };
}
