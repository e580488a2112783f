import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { findEarlierWork, settlePending } from './resume-shard.ts';
import type { Draft } from './seal-snapshot.ts';
import { ShardLog } from './shard-log.ts';
import { rangeOf, storedRange } from './shard-range.ts';
import type { TakenVault } from './take-vault.ts';
import type { TurnLimits } from './turn-options.ts';
import { walkShard } from './walk-shard.ts';

type WorkingServices = Pick<Services, 'copies' | 'custody' | 'ids' | 'ledger' | 'openSource'>;

/**
 * Works on a shard as far as the time allows: settles what an earlier attempt left open, and goes
 * on behind what is done. A shard whose range has no end and that must stop is done as far as it
 * came; what is behind that is left to be divided into other shards.
 *
 * @param stored - as it was taken.
 * @returns the shard as it is now.
 * @throws what source, copies, keys and ledger throw; what was closed before stays.
 */
export async function workOnShard(
  services: WorkingServices,
  taken: TakenVault,
  draft: Draft,
  stored: Stored<'shard'>,
  { isLate, recordsAlone, packBytes }: TurnLimits,
): Promise<Stored<'shard'>> {
  const log = new ShardLog(services.ledger, stored);
  await settlePending(services, draft, log);
  const earlier = await findEarlierWork(services, draft, log);
  const range = await rangeOf(services, draft, log.shard);
  const isOpen = range.upTo === null;
  const mustStop = (walked: number) => (isOpen && walked >= recordsAlone) || isLate();
  const walk = { owner: draft, log, range, earlier, mustStop };
  const { isCut, lastPath } = await walkShard(services, taken, {
    ...walk,
    ...(packBytes !== undefined && { packBytes }),
  });
  if (!isCut) {
    await log.finish();
  } else if (isOpen) {
    const walked = { after: range.after, upTo: lastPath };
    await log.finish(await storedRange(services, draft, log.shard.shard, walked));
  }
  return log.stored();
}
