import type { BackupShard } from '../domain/run-records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';

/**
 * Takes a shard for an attempt, and overtakes an earlier attempt that is still alive.
 *
 * @returns it as it is now.
 * @throws HoldfastError `LEDGER_CONFLICT`.
 */
export async function takeShard(
  services: Pick<Services, 'ledger'>,
  { vaultId, snapshotId, shard }: Pick<BackupShard, 'vaultId' | 'snapshotId' | 'shard'>,
): Promise<Stored<'shard'>> {
  return writeDecision(services, async () => {
    const found = await services.ledger.get('shard', vaultId, snapshotId, shard);
    if (found === undefined) {
      throw new Error('A shard of a run that was begun is always in the ledger.');
    }
    // The attempt before may have used its number, and may still be about to.
    const record = { ...found.record, nextPart: found.record.nextPart + 1 };
    const changes = [{ record, expect: found.version }];
    return { changes, result: { record, version: found.version + 1 } };
  });
}
