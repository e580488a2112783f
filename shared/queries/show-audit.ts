import { type AuditPage, withoutKind } from '../admin-api/answers.ts';
import type { QueryOf } from '../admin-api/route-inputs.ts';
import { type ChainBreak, findBrokenLink, NO_ENTRIES } from '../domain/audit-chain.ts';
import type { ChainEnd } from '../domain/audit-records.ts';
import type { AuditEntry } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { requireChainOwner } from '../registry/find-chain.ts';

/**
 * Answers one page of an audit chain, and whether the page is whole: each entry follows the one
 * before, the first of them the one before the page, and the last page ends where the chain does.
 * Only the page is read, however long the chain is: whoever goes through all pages has checked it.
 * An entry that is written meanwhile is left out.
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
  const from = Math.min(after, audit.count);
  const upTo = Math.min(from + limit, audit.count);
  const bounds = { chainId, after: Math.max(from - 1, 0), upTo };
  const read: AuditEntry[] = [];
  for await (const { record } of ledger.list('audit', bounds)) {
    read.push(record);
  }
  const entries = read.filter(({ sequence }) => sequence > from);
  const isLast = upTo === audit.count;
  const broken = checkPage(read, from, isLast ? audit : upTo);
  return {
    entries: entries.map(withoutKind),
    // The chain's count may be anybody's: where nothing is, nobody need ask a million times.
    next: isLast || entries.length === 0 ? null : upTo,
    chain: {
      whole: broken === undefined,
      entries: audit.count,
      head: audit.head,
      brokenAt: broken?.at ?? null,
      problem: broken?.what ?? null,
    },
  };
}

/**
 * @param read - the page, and the entry before it.
 * @param from - number of the entry before the page; 0 for the first page.
 * @param end - the chain's end, or the number of the last entry of a page before the last.
 */
function checkPage(
  read: readonly AuditEntry[],
  from: number,
  end: ChainEnd | number,
): ChainBreak | undefined {
  const [first] = read;
  if (from > 0 && first?.sequence !== from) {
    return { at: from, what: 'missing' };
  }
  const before = from > 0 && first !== undefined ? { count: from, head: first.hash } : NO_ENTRIES;
  const page = from > 0 ? read.slice(1) : read;
  if (typeof end !== 'number') {
    return findBrokenLink(page, end, before);
  }
  const last = { count: end, head: page.at(-1)?.hash ?? before.head };
  const broken = findBrokenLink(page, last, before);
  return broken?.what === 'truncated' ? { ...broken, what: 'missing' } : broken;
}
