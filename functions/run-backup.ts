import { runBackupTurn } from '../shared/backup/run-backup.ts';
import { runShardTurn } from '../shared/backup/run-shard.ts';
import type { TurnOptions } from '../shared/backup/turn-options.ts';
import type { Services } from '../shared/ports/services.ts';
import { awsServices } from '../shared/wiring/aws-services.ts';
import { backupOptions } from '../shared/wiring/backup-options.ts';
import { shardEvent, type WorkerHandler, workerHandler } from './events/worker-handler.ts';

/**
 * Works on a backup run, as far as one invocation gets: plans and seals it, or works on one of its
 * shards. Each is a step of the state machine, repeated on named errors, and for as long as the
 * answer is not `done`.
 */
export function createHandler(
  services: Services,
  options: Pick<TurnOptions, 'shardRecords'> = {},
): WorkerHandler {
  return workerHandler('run-backup', services, shardEvent, async (services, event, remainingMs) => {
    const { vaultId, runId, shard } = event;
    const turn = { ...options, remainingMs };
    if (shard !== undefined) {
      const done = await runShardTurn(services, { vaultId, runId, shard }, turn);
      return { vaultId, runId, shard, done };
    }
    const { snapshot, shards } = await runBackupTurn(services, event, turn);
    const snapshotId = snapshot?.snapshotId ?? null;
    return { vaultId, runId, snapshotId, done: snapshot !== null, shards };
  });
}

export const handler = createHandler(awsServices(), backupOptions());
