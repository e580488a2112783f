import {
  type ChainBreak,
  ChainFollower,
  type ChainOwner,
  chainIdOf,
} from '../domain/audit-chain.ts';
import type { ChainEnd } from '../domain/audit-records.ts';
import type { AuditEntry } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';

/**
 * Reads an audit chain from the ledger, entry after entry, up to the end that was read with its
 * owner: what is written meanwhile is left out. It stops where the chain stops being whole, so that
 * a count that somebody set to a million costs no more than the entries that are there.
 *
 * @param from - the last entry known to be good; those up to it are not read.
 * @param watch - sees each entry that was read.
 * @returns the first break; `undefined` when the chain is whole.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function followChain(
  { ledger }: Pick<Services, 'ledger'>,
  owner: ChainOwner,
  from: ChainEnd,
  watch: (entry: AuditEntry) => void = () => {},
): Promise<ChainBreak | undefined> {
  const follower = new ChainFollower(owner.audit, from);
  const bounds = { chainId: chainIdOf(owner), after: from.count, upTo: owner.audit.count };
  for await (const { record } of ledger.list('audit', bounds)) {
    follower.follow(record);
    watch(record);
    if (follower.isBroken) {
      break;
    }
  }
  return follower.end();
}
