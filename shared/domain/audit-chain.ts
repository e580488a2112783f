import { createHash } from 'node:crypto';
import type { ChainEnd, InstallationAudit } from './audit-records.ts';
import type { AuditEntry, Client, Vault } from './records.ts';

/** Hash the first entry of a chain refers to (format.md 6.2). */
export const CHAIN_START = '0'.repeat(64);

/** A chain without entries. */
export const NO_ENTRIES: ChainEnd = { count: 0, head: CHAIN_START };

/** Id of the installation's own chain; all others have the id of their vault or client. */
export const INSTALLATION_CHAIN = 'installation';

/**
 * What has an audit chain, and the end of it. Whatever touches one vault is in that vault's chain;
 * what a client comes to besides, in the client's; only what belongs to neither is in the
 * installation's. So a chain is as busy as what it is about: fifty thousand clients that are
 * registered at once wait for nobody, and the one chain that all share takes a few entries a day.
 */
export type ChainOwner = Vault | Client | InstallationAudit;

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

/** @returns the id of an owner's chain. */
export function chainIdOf(owner: ChainOwner): string {
  switch (owner.kind) {
    case 'vault':
      return owner.vaultId;
    case 'client':
      return owner.clientId;
    case 'installation':
      return INSTALLATION_CHAIN;
  }
}

/**
 * Adds one entry to the chain of a vault, a client or the installation. Write both results in one
 * transaction: the owner's version then also guards the order of the chain.
 */
export function withAuditEntry<Owner extends ChainOwner>(
  owner: Owner,
  event: AuditEvent,
): { owner: Owner; entry: AuditEntry } {
  const { actor, action, details, requestId = null, reason = null, result = 'done' } = event;
  const unsealed = {
    kind: 'audit' as const,
    chainId: chainIdOf(owner),
    sequence: owner.audit.count + 1,
    at: event.at.toISOString(),
    ...{ actor, action, result, reason, requestId, details },
    previous: owner.audit.head,
  };
  const entry: AuditEntry = { ...unsealed, hash: auditHash(unsealed) };
  return { owner: { ...owner, audit: { count: entry.sequence, head: entry.hash } }, entry };
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
 * Follows one chain from entry to entry, in whatever portions it is read, and keeps none of them:
 * a chain of any length takes the same memory.
 */
export class ChainFollower {
  readonly #head: ChainEnd;
  #last: ChainEnd;
  #break: ChainBreak | undefined;

  /**
   * @param head - where the chain ends.
   * @param from - the last entry known to be good; default: the start of the chain.
   */
  constructor(head: ChainEnd, from: ChainEnd = NO_ENTRIES) {
    this.#head = head;
    this.#last = from;
  }

  /** Whether something was wrong with what was followed so far. */
  get isBroken(): boolean {
    return this.#break !== undefined;
  }

  /** Takes the next entry. */
  follow(entry: ChainEntry): void {
    if (this.#break !== undefined) {
      this.#lookForMissing(this.#break, entry);
      return;
    }
    const at = this.#last.count + 1;
    if (at > this.#head.count) {
      this.#break = { at, what: 'beyond' };
    } else if (entry.sequence !== at) {
      this.#break = { at, what: 'missing' };
    } else if (entry.previous !== this.#last.head || entry.hash !== auditHash(entry)) {
      this.#break = { at, what: 'changed' };
    } else {
      this.#last = { count: at, head: entry.hash };
    }
  }

  /** @returns the first break, after the last entry; `undefined` when the chain is whole. */
  end(): ChainBreak | undefined {
    const { count, head } = this.#last;
    if (this.#break !== undefined) {
      return this.#break;
    }
    if (count !== this.#head.count) {
      return { at: Math.min(count, this.#head.count) + 1, what: 'truncated' };
    }
    return head === this.#head.head ? undefined : { at: count, what: 'changed' };
  }

  /** An entry that comes after a later one was moved, and is not missing. */
  #lookForMissing({ at, what }: ChainBreak, { sequence }: ChainEntry): void {
    if (what === 'missing' && sequence === at) {
      this.#break = { at, what: 'out-of-place' };
    }
  }
}

/**
 * Checks that entries, in order, form one unbroken chain up to `head`.
 * @param from - the last entry known to be good; default: the start of the chain.
 * @returns the first break; `undefined` when the chain is whole.
 */
export function findBrokenLink(
  entries: Iterable<ChainEntry>,
  head: ChainEnd,
  from: ChainEnd = NO_ENTRIES,
): ChainBreak | undefined {
  const follower = new ChainFollower(head, from);
  for (const entry of entries) {
    follower.follow(entry);
  }
  return follower.end();
}

/** format.md 6.1: lower-case hex SHA-256 over the entry's fields as a JSON array. */
function auditHash(entry: Omit<ChainEntry, 'hash'>): string {
  const details = Object.entries(entry.details).sort(([a], [b]) => (a < b ? -1 : 1));
  const { chainId, sequence, at, actor, action, result, reason, requestId, previous } = entry;
  const fields = [chainId, sequence, at, actor, action, result, reason, requestId, details];
  return createHash('sha256')
    .update(JSON.stringify([...fields, previous]))
    .digest('hex');
}
