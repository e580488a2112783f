import { createHash } from 'node:crypto';
import type { AuditEntry, Vault } from './records.ts';

/** Hash the first entry of a chain refers to (format.md 6.2). */
export const CHAIN_START = '0'.repeat(64);

/** What happened, without its place in the chain. */
export interface AuditEvent extends Pick<AuditEntry, 'actor' | 'action' | 'details'> {
  readonly at: Date;
  /** @default null */
  readonly requestId?: string | null;
  /** @default null */
  readonly reason?: string | null;
  /** @default 'done' */
  readonly result?: AuditEntry['result'];
}

/**
 * Adds one entry to a vault's chain. Write both results in one transaction: the vault's version
 * then also guards the order of the chain.
 */
export function withAuditEntry(
  vault: Vault,
  event: AuditEvent,
): { vault: Vault; entry: AuditEntry } {
  const { actor, action, details, requestId = null, reason = null, result = 'done' } = event;
  const unsealed = {
    kind: 'audit' as const,
    vaultId: vault.vaultId,
    sequence: vault.audit.count + 1,
    at: event.at.toISOString(),
    ...{ actor, action, result, reason, requestId, details },
    previous: vault.audit.head,
  };
  const entry: AuditEntry = { ...unsealed, hash: auditHash(unsealed) };
  return { vault: { ...vault, audit: { count: entry.sequence, head: entry.hash } }, entry };
}

/** An entry as auditors get it. */
export type ChainEntry = Omit<AuditEntry, 'kind'>;

/** Where a chain stops being whole. */
export interface ChainBreak {
  /** Sequence number of the first entry that is wrong. */
  readonly at: number;
  /**
   * - `changed`: it is not what its hash says, or does not name the hash before it
   * - `missing`: it is not there, and later ones are
   * - `out-of-place`: it is there, at another place
   * - `truncated`: it is not there, and neither is any later one
   * - `beyond`: the chain goes on after its head
   */
  readonly what: 'changed' | 'missing' | 'out-of-place' | 'truncated' | 'beyond';
}

/**
 * Checks that entries, in order, form one unbroken chain up to `head`.
 * @param from - the last entry known to be good; default: the start of the chain.
 * @returns the first break; `undefined` when the chain is whole.
 */
export function findBrokenLink(
  entries: readonly ChainEntry[],
  head: Vault['audit'],
  from: Vault['audit'] = { count: 0, head: CHAIN_START },
): ChainBreak | undefined {
  let { count, head: previous } = from;
  for (const entry of entries) {
    const at = count + 1;
    if (at > head.count) {
      return { at, what: 'beyond' };
    }
    if (entry.sequence !== at) {
      const isThere = entries.some(({ sequence }) => sequence === at);
      return { at, what: isThere ? 'out-of-place' : 'missing' };
    }
    if (entry.previous !== previous || entry.hash !== auditHash(entry)) {
      return { at, what: 'changed' };
    }
    [count, previous] = [at, entry.hash];
  }
  if (count < head.count) {
    return { at: count + 1, what: 'truncated' };
  }
  if (count > head.count) {
    return { at: head.count + 1, what: 'truncated' };
  }
  return previous === head.head ? undefined : { at: count, what: 'changed' };
}

/** format.md 6.1: lower-case hex SHA-256 over the entry's fields as a JSON array. */
function auditHash(entry: Omit<ChainEntry, 'hash'>): string {
  const details = Object.entries(entry.details).sort(([a], [b]) => (a < b ? -1 : 1));
  const { vaultId, sequence, at, actor, action, result, reason, requestId, previous } = entry;
  const fields = [vaultId, sequence, at, actor, action, result, reason, requestId, details];
  return createHash('sha256')
    .update(JSON.stringify([...fields, previous]))
    .digest('hex');
}
