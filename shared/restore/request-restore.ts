import type { RequestRestoreBody } from '../admin-api/messages.ts';
import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import type { Restore, Snapshot, Vault } from '../domain/records.ts';
import { isReadable } from '../domain/states.ts';
import type { Installation, Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireKeptSnapshot } from '../registry/find-snapshot.ts';
import { refuseErased } from '../tombstone/find-tombstone.ts';
import { endRestore } from './end-restore.ts';
import { planFor, type RestorePlan } from './restore-plan.ts';

/**
 * Takes the request for a restore. One to an S3 prefix is started at once and runs by itself; one
 * to a folder is carried out by the caller with the returned plan, on the caller's own rights.
 *
 * @param actor - ARN of the caller.
 * @param body - without a snapshot the latest one, without a Region the primary one.
 * @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`, `SNAPSHOT_UNKNOWN`, `SNAPSHOT_EXPIRED`,
 * `NO_SNAPSHOT`, `TARGET_IS_COPY`; `VAULT_UNREADABLE` unless the vault is ACTIVE and has no
 * tombstone;
 * `PIPELINE_UNAVAILABLE` when it could not be started: the restore is recorded as failed then.
 */
export async function requestRestore(
  services: Pick<
    Services,
    'ledger' | 'clock' | 'ids' | 'copies' | 'pipeline' | 'telemetry' | 'installation'
  >,
  actor: string,
  vaultId: string,
  body: RequestRestoreBody,
): Promise<{ restore: Restore; plan: RestorePlan }> {
  const restoreId = services.ids.next();
  const target = locateTarget(body, services.installation);
  await refuseErased(services, requireId('vault', vaultId));
  const requested = await changeVault(services, vaultId, async (vault) => {
    const snapshot = await chooseSnapshot(services, vault, body.snapshotId);
    const { snapshotId } = snapshot;
    const restore: Restore = {
      kind: 'restore',
      vaultId,
      restoreId,
      snapshotId,
      requestedBy: actor,
      requestedAt: services.clock.now().toISOString(),
      patterns: body.patterns,
      from: body.from,
      target,
      overwrite: body.overwrite,
      state: target.kind === 's3' ? 'RUNNING' : 'DELEGATED',
      endedAt: null,
      records: 0,
      bytes: 0,
      failure: null,
    };
    const details = { restoreId, snapshotId, target: target.kind, from: body.from };
    return {
      vault,
      actor,
      action: 'restore.requested',
      details: { ...details, patterns: body.patterns.length },
      also: [{ record: restore, expect: 'absent' as const }],
      result: { restore, plan: planFor(vault, snapshot) },
    };
  });
  if (target.kind === 's3') {
    await start(services, requested.restore);
  }
  return requested;
}

function locateTarget(
  { target }: RequestRestoreBody,
  installation: Installation,
): Restore['target'] {
  if (target.kind === 'folder') {
    return target;
  }
  if (Object.values(installation.buckets).includes(target.bucket)) {
    throw new HoldfastError('TARGET_IS_COPY', {});
  }
  return { ...target, region: target.region ?? installation.regions.primary };
}

async function chooseSnapshot(
  { ledger }: Pick<Services, 'ledger'>,
  vault: Vault,
  asked: string | undefined,
): Promise<Snapshot> {
  const { vaultId, state } = vault;
  if (!isReadable(state)) {
    throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state });
  }
  const snapshotId = asked ?? vault.lastSnapshotId;
  if (snapshotId === null) {
    throw new HoldfastError('NO_SNAPSHOT', { vaultId });
  }
  return requireKeptSnapshot(ledger, vaultId, requireId('snapshot', snapshotId));
}

async function start(
  services: Pick<Services, 'ledger' | 'clock' | 'pipeline' | 'telemetry'>,
  { vaultId, restoreId }: Restore,
): Promise<void> {
  try {
    await services.pipeline.startRestore(vaultId, restoreId);
  } catch (error) {
    const failure = 'PIPELINE_UNAVAILABLE';
    await endRestore(services, { vaultId, restoreId }, { state: 'FAILED', failure });
    throw error;
  }
}
