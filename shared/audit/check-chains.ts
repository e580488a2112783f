import { createHash } from 'node:crypto';
import { pMapIterable } from 'p-map';
import { type ChainBreak, type ChainOwner, chainIdOf, NO_ENTRIES } from '../domain/audit-chain.ts';
import type { ChainEnd } from '../domain/audit-records.ts';
import { type Head, makeHead } from '../format/checkpoint.ts';
import type { Services } from '../ports/services.ts';
import { everyClient } from '../registry/every-vault.ts';
import { followChain } from './follow-chain.ts';

/** Days in which every chain is read from its first entry on, whatever else happens to it. */
const WHOLE_CHAIN_DAYS = 28;

/** Chains read side by side: most are asked for a few entries, and the ledger answers at once. */
const CHAINS_AT_ONCE = 8;

const DAY_MS = 24 * 60 * 60 * 1000;

/** The heads of all chains, and what was found today. */
export interface CheckedChains {
  /** In ascending order of their ids. */
  readonly heads: readonly Head[];
  /** Chains that do not go on from the last checkpoint, or are broken in themselves. */
  readonly broken: readonly { readonly chainId: string; readonly break: ChainBreak }[];
}

/**
 * Reads the heads of all chains and checks each against the last checkpoint: it must go on from
 * what was signed then. So a chain that was cut off or rewritten whole is found, which no look at
 * the chain alone can. Only new entries are read; once in 28 days each chain is read whole.
 *
 * What was found once stays with the chain's head for ever: from the next day on a chain that was
 * rewritten goes on from its own forged head, and would pass for whole. A chain that is not in the
 * ledger any more keeps the head that was signed last.
 *
 * @param signed - the heads of the last checkpoint (format.md 9.4).
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function checkChains(
  services: Pick<Services, 'ledger' | 'clock'>,
  signed: readonly Head[],
): Promise<CheckedChains> {
  const since = services.clock.now().toISOString().slice(0, 10);
  const before = new Map(signed.map((head) => [head[0], head]));
  const heads: Head[] = [];
  const broken: { chainId: string; break: ChainBreak }[] = [];
  const add = (chainId: string, end: ChainEnd, found: ChainBreak | undefined): void => {
    const known = before.get(chainId)?.[3] ?? null;
    if (found === undefined) {
      heads.push(makeHead(chainId, end, known));
    } else {
      broken.push({ chainId, break: found });
      heads.push(makeHead(chainId, end, known ?? { since, at: found.at, what: found.what }));
    }
  };
  const checked = pMapIterable(
    chainOwners(services),
    async (owner) => ({
      owner,
      found: await checkChain(services, owner, before.get(chainIdOf(owner))),
    }),
    { concurrency: CHAINS_AT_ONCE },
  );
  for await (const { owner, found } of checked) {
    add(chainIdOf(owner), owner.audit, found);
  }
  const present = new Set(heads.map(([chainId]) => chainId));
  for (const [chainId, count, head] of signed.filter(([chainId]) => !present.has(chainId))) {
    add(chainId, { count, head }, { at: 1, what: 'truncated' });
  }
  return { heads: heads.toSorted(([a], [b]) => (a < b ? -1 : 1)), broken };
}

/** The installation, every client, and every vault of each. */
async function* chainOwners({ ledger }: Pick<Services, 'ledger'>): AsyncGenerator<ChainOwner> {
  const installation = await ledger.get('installation');
  // Its record is there from the first client on, its chain from the first entry on.
  if (installation !== undefined && installation.record.audit.count > 0) {
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
  if (signed === undefined) {
    return followChain(services, owner, NO_ENTRIES);
  }
  const [chainId, count, head] = signed;
  if (!isDueWhole(chainId, services.clock.now())) {
    return followChain(services, owner, { count, head });
  }
  let then = NO_ENTRIES.head;
  const broken = await followChain(services, owner, NO_ENTRIES, ({ sequence, hash }) => {
    then = sequence === count ? hash : then;
  });
  return broken ?? compareWithSigned(owner, signed, then);
}

/** @param then - hash of the last entry that was signed, as it is now. */
function compareWithSigned(
  { audit }: ChainOwner,
  [, count, head]: Head,
  then: string,
): ChainBreak | undefined {
  if (audit.count < count) {
    return { at: audit.count + 1, what: 'truncated' };
  }
  // A chain that is whole in itself may still be another one than was signed.
  return then === head ? undefined : { at: count, what: 'changed' };
}

/** Spreads the whole chains evenly over the days. */
function isDueWhole(chainId: string, now: Date): boolean {
  const number = createHash('sha256').update(chainId).digest().readUInt32BE();
  const day = Math.floor(now.getTime() / DAY_MS);
  return number % WHOLE_CHAIN_DAYS === day % WHOLE_CHAIN_DAYS;
}
