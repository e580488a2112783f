import { createHash } from 'node:crypto';
import {
  type ChainBreak,
  type ChainOwner,
  chainIdOf,
  findBrokenLink,
} from '../domain/audit-chain.ts';
import type { AuditEntry } from '../domain/records.ts';
import type { Head } from '../format/checkpoint.ts';
import type { Services } from '../ports/services.ts';
import { everyClient } from '../registry/every-vault.ts';

/** Days in which every chain is read from its first entry on, whatever else happens to it. */
const WHOLE_CHAIN_DAYS = 28;

const DAY_MS = 24 * 60 * 60 * 1000;

/** The heads of all chains, and those chains that do not hold. */
export interface CheckedChains {
  /** In ascending order of their ids. */
  readonly heads: readonly Head[];
  readonly broken: readonly { readonly chainId: string; readonly break: ChainBreak }[];
}

/**
 * Reads the heads of all chains and checks each against the last checkpoint: it must go on from
 * what was signed then. So a chain that was cut off or rewritten whole is found, which no look at
 * the chain alone can. Only new entries are read; once in 28 days each chain is read whole.
 *
 * @param signed - the heads of the last checkpoint (format.md 9.4).
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function checkChains(
  services: Pick<Services, 'ledger' | 'clock'>,
  signed: readonly Head[],
): Promise<CheckedChains> {
  const before = new Map(signed.map((head) => [head[0], head]));
  const heads: Head[] = [];
  const broken: { chainId: string; break: ChainBreak }[] = [];
  for await (const owner of chainOwners(services)) {
    const chainId = chainIdOf(owner);
    heads.push([chainId, owner.audit.count, owner.audit.head]);
    const found = await checkChain(services, owner, before.get(chainId));
    if (found !== undefined) {
      broken.push({ chainId, break: found });
    }
    before.delete(chainId);
  }
  // What was signed and is not in the ledger any more.
  for (const chainId of before.keys()) {
    broken.push({ chainId, break: { at: 1, what: 'truncated' } });
  }
  return { heads: heads.toSorted(([a], [b]) => (a < b ? -1 : 1)), broken };
}

/** The installation, every client, and every vault of each. */
async function* chainOwners({ ledger }: Pick<Services, 'ledger'>): AsyncGenerator<ChainOwner> {
  const installation = await ledger.get('installation');
  if (installation !== undefined) {
    yield installation.record;
  }
  for await (const { client, vaults } of everyClient({ ledger })) {
    yield client;
    yield* vaults;
  }
}

async function checkChain(
  services: Pick<Services, 'ledger' | 'clock'>,
  owner: ChainOwner,
  signed: Head | undefined,
): Promise<ChainBreak | undefined> {
  const [, count = 0, head] = signed ?? [];
  if (head === undefined || isDueWhole(chainIdOf(owner), services.clock.now())) {
    const entries = await readEntries(services, owner, 0);
    return findBrokenLink(entries, owner.audit) ?? compareWithSigned(entries, count, head);
  }
  const entries = await readEntries(services, owner, count);
  return findBrokenLink(entries, owner.audit, { count, head });
}

/** A chain that is whole in itself may still be another one than was signed. */
function compareWithSigned(
  entries: readonly AuditEntry[],
  count: number,
  head: string | undefined,
): ChainBreak | undefined {
  if (head === undefined || count === 0) {
    return undefined;
  }
  const entry = entries[count - 1];
  if (entry === undefined) {
    return { at: entries.length + 1, what: 'truncated' };
  }
  return entry.hash === head ? undefined : { at: count, what: 'changed' };
}

/** @returns the entries after one, up to the head that was read with the owner. */
async function readEntries(
  { ledger }: Pick<Services, 'ledger'>,
  owner: ChainOwner,
  after: number,
): Promise<AuditEntry[]> {
  const { audit } = owner;
  const chainId = chainIdOf(owner);
  const entries: AuditEntry[] = [];
  if (after > 0) {
    for (let sequence = after + 1; sequence <= audit.count; sequence += 1) {
      const stored = await ledger.get('audit', chainId, sequence);
      entries.push(...(stored === undefined ? [] : [stored.record]));
    }
    return entries;
  }
  for await (const { record } of ledger.list('audit', { chainId })) {
    if (record.sequence <= audit.count) {
      entries.push(record);
    }
  }
  return entries;
}

/** Spreads the whole chains evenly over the days. */
function isDueWhole(chainId: string, now: Date): boolean {
  const number = createHash('sha256').update(chainId).digest().readUInt32BE();
  const day = Math.floor(now.getTime() / DAY_MS);
  return number % WHOLE_CHAIN_DAYS === day % WHOLE_CHAIN_DAYS;
}
