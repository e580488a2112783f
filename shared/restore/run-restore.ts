import { isFault } from '../domain/errors.ts';
import type { Restore } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { requireSnapshot } from '../registry/find-snapshot.ts';
import { requireVault } from '../registry/find-vault.ts';
import { refuseErased } from '../tombstone/find-tombstone.ts';
import { endRestore, type RestoreAddress, requireRestore } from './end-restore.ts';
import { planFor } from './restore-plan.ts';
import { restoreSnapshot } from './restore-snapshot.ts';
import type { Restored } from './restore-wish.ts';

type RestoreServices = Pick<
  Services,
  'clock' | 'copies' | 'custody' | 'ledger' | 'openS3Target' | 'telemetry'
>;

/**
 * Carries out a restore to an S3 prefix and records how it ended. Called a second time for one that
 * has ended, it does nothing. A fault such as files that exist already is an outcome, recorded and
 * returned; only what is unexpected is also thrown.
 *
 * @returns the restore as the ledger has it now.
 * @throws HoldfastError `VAULT_UNKNOWN`, `RESTORE_UNKNOWN`, `LEDGER_UNAVAILABLE`; any error that is
 * no HoldfastError.
 */
export async function runRestore(
  services: RestoreServices,
  address: RestoreAddress,
): Promise<Restore> {
  const { record: restore } = await requireRestore(services, address);
  if (restore.state !== 'RUNNING') {
    return restore;
  }
  try {
    const restored = await carryOut(services, restore);
    return await endRestore(services, address, { state: 'SUCCEEDED', ...restored });
  } catch (error) {
    if (isFault(error, 'LEDGER_UNAVAILABLE', 'LEDGER_CONFLICT')) {
      throw error;
    }
    const failure = isFault(error) ? error.code : 'UNEXPECTED';
    const ended = await endRestore(services, address, { state: 'FAILED', failure });
    if (isFault(error)) {
      return ended;
    }
    throw error;
  }
}

async function carryOut(services: RestoreServices, restore: Restore): Promise<Restored> {
  const { vaultId, snapshotId, patterns, from, overwrite, target } = restore;
  if (target.kind !== 's3') {
    throw new Error('A restore to a folder is carried out by who asked for it.');
  }
  await refuseErased(services, vaultId);
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const snapshot = await requireSnapshot(services.ledger, vaultId, snapshotId);
  const plan = planFor(vault, snapshot);
  const wish = { patterns, from, overwrite, target: services.openS3Target(target) };
  return restoreSnapshot(services, plan, wish);
}
