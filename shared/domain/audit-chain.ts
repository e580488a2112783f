import { createHash } from 'node:crypto';
import type { AuditEntry, Vault } from './records.ts';

/** Hash the first entry of a chain refers to (format.md 6.2). */
export const CHAIN_START = '0'.repeat(64);

/** What happened, without its place in the chain. */
export interface AuditEvent {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly details: AuditEntry['details'];
}

/**
 * Adds one entry to a vault's chain. Write both results in one transaction: the vault's version
 * then also guards the order of the chain.
 */
export function withAuditEntry(
  vault: Vault,
  event: AuditEvent,
): { vault: Vault; entry: AuditEntry } {
  const unsealed = {
    kind: 'audit' as const,
    vaultId: vault.vaultId,
    sequence: vault.audit.count + 1,
    at: event.at.toISOString(),
    actor: event.actor,
    action: event.action,
    details: event.details,
    previous: vault.audit.head,
  };
  const entry: AuditEntry = { ...unsealed, hash: auditHash(unsealed) };
  return { vault: { ...vault, audit: { count: entry.sequence, head: entry.hash } }, entry };
}

/**
 * Checks that entries, in order, form one unbroken chain from its start up to `head`.
 * @returns the sequence number of the first entry that is changed, missing or out of place;
 * `undefined` when the chain is whole.
 */
export function findBrokenLink(
  entries: readonly AuditEntry[],
  head: Vault['audit'],
): number | undefined {
  let previous = CHAIN_START;
  for (const [index, entry] of entries.entries()) {
    const inPlace = entry.sequence === index + 1 && entry.previous === previous;
    if (!inPlace || entry.hash !== auditHash(entry)) {
      return index + 1;
    }
    previous = entry.hash;
  }
  const whole = entries.length === head.count && previous === head.head;
  return whole ? undefined : entries.length + 1;
}

/** format.md 6.1: lower-case hex SHA-256 over the entry's fields as a JSON array. */
function auditHash(entry: Omit<AuditEntry, 'hash'>): string {
  const details = Object.entries(entry.details).sort(([a], [b]) => (a < b ? -1 : 1));
  const { vaultId, sequence, at, actor, action, previous } = entry;
  return createHash('sha256')
    .update(JSON.stringify([vaultId, sequence, at, actor, action, details, previous]))
    .digest('hex');
}
