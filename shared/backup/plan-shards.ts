import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { PathRange } from '../domain/path-range.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { cutByListing, cutByManifest, type ShardLimits } from './cut-shards.ts';
import { newShard } from './new-shard.ts';
import type { PackOwner } from './pack-series.ts';
import { storedRange } from './shard-range.ts';
import type { TakenVault } from './take-vault.ts';

type PlanningServices = Pick<Services, 'copies' | 'custody' | 'ledger' | 'openSource'>;

/** Ranges encrypted at once: two KMS requests each. */
const AT_ONCE = 16;

/**
 * Cuts all paths behind one into shards and records them. It is done where parts of the previous
 * manifest begin or, where that gives nothing, by listing.
 *
 * @param after - end of the shard before.
 * @param first - number of the first new shard.
 * @returns the new shards, at least one; the last one's range has no end.
 * @throws HoldfastError as `cutByManifest` and `cutByListing` do; `LEDGER_CONFLICT` when another
 * attempt of the run has planned meanwhile.
 */
export async function planShards(
  services: PlanningServices,
  { vault, previous }: TakenVault,
  owner: PackOwner,
  { after, first, limits }: { after: string | null; first: number; limits: ShardLimits },
): Promise<Stored<'shard'>[]> {
  const access = { services, keys: owner.keys, choice: new CopyChoice('any') };
  const known = await cutByManifest(access, previous, after, limits);
  const cuts =
    known.length > 0 ? known : await cutByListing(services.openSource(vault), after, limits);
  const ranges = [...cuts, null].map((upTo, index): PathRange => {
    return { after: cuts[index - 1] ?? after, upTo };
  });
  const shards: Stored<'shard'>[] = [];
  for (let start = 0; start < ranges.length; start += MAX_LEDGER_WRITES) {
    // In order: an attempt that is cut off here leaves shards without a gap between them.
    const some = ranges.slice(start, start + MAX_LEDGER_WRITES);
    const records = await sealAll(services, owner, first + start, some);
    await services.ledger.write(records.map((record) => ({ record, expect: 'absent' })));
    shards.push(...records.map((record) => ({ record, version: 1 })));
  }
  return shards;
}

async function sealAll(
  services: Pick<Services, 'custody'>,
  owner: PackOwner,
  first: number,
  ranges: readonly PathRange[],
) {
  const shards = [];
  for (let start = 0; start < ranges.length; start += AT_ONCE) {
    const some = ranges.slice(start, start + AT_ONCE);
    const sealed = some.map(async (range, index) => {
      const shard = first + start + index;
      return newShard(owner, shard, await storedRange(services, owner, shard, range));
    });
    shards.push(...(await Promise.all(sealed)));
  }
  return shards;
}
