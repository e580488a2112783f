import type { Services } from '../ports/services.ts';
import { restingCopies } from './resting-copy.ts';
import { type ShardAddress, takeShard } from './take-shard.ts';
import { type TurnOptions, turnLimits } from './turn-options.ts';
import { workOnShard } from './work-on-shard.ts';

type ShardServices = Pick<
  Services,
  'clock' | 'copies' | 'custody' | 'ids' | 'ledger' | 'openSource' | 'telemetry'
>;

/**
 * Works on one of several shards of a run, as far as the time allows. May be called again at any
 * time, also after its end: what is done is not repeated.
 *
 * @returns whether the shard is done; if not, it is to be called again.
 * @throws HoldfastError as `takeShard` does, and whatever source, copies, keys and ledger throw;
 * `LEDGER_CONFLICT` when another attempt of the shard has overtaken this one.
 */
export async function runShardTurn(
  all: ShardServices,
  address: ShardAddress,
  options: TurnOptions = {},
): Promise<boolean> {
  const services = { ...all, copies: restingCopies(all.copies) };
  const found = await takeShard(services, address);
  if (found === null) {
    return true;
  }
  const { taken, draft, stored } = found;
  const limits = turnLimits(options);
  const { record } = await workOnShard(services, taken, draft, stored, limits);
  const { vaultId, snapshotId, shard, isDone } = record;
  const event = isDone ? 'backup.shard-done' : 'backup.handed-back';
  services.telemetry.event(event, { vaultId, snapshotId, runId: address.runId, shard });
  return isDone;
}
