import type { RunAddress } from '../backup/find-run.ts';
import type { BackupRun } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requirePush } from './require-push.ts';

/**
 * Ends a push that was given up, and frees its vault at once. One that has ended already stays as
 * it is. What it has written stays unseen, and locked until its time.
 *
 * @param actor - ARN of the caller.
 * @param failure - code of the error that ended it.
 * @returns the run as the ledger has it now.
 * @throws HoldfastError as `requirePush` does.
 */
export async function abandonPush(
  services: Pick<Services, 'ledger' | 'clock'>,
  actor: string,
  address: RunAddress,
  failure: string,
): Promise<BackupRun> {
  const { vaultId, runId } = address;
  const ended = await changeVault(services, vaultId, async (vault) => {
    const { record, version } = await requirePush(services.ledger, address);
    if (record.state !== 'RUNNING') {
      return null;
    }
    const endedAt = services.clock.now().toISOString();
    const run: BackupRun = { ...record, state: 'FAILED', endedAt, failure };
    const activeRun = vault.activeRun?.runId === runId ? null : vault.activeRun;
    return {
      vault: { ...vault, activeRun },
      actor,
      action: 'push.abandoned',
      outcome: 'failed' as const,
      reason: failure,
      details: { runId, failure },
      also: [{ record: run, expect: version }],
      result: run,
    };
  });
  return ended ?? (await requirePush(services.ledger, address)).record;
}
