import { METRICS } from '../config/metric-names.ts';
import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import type { Restore } from '../domain/records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import type { Restored } from './restore-wish.ts';

/** Names one restore. */
export interface RestoreAddress {
  readonly vaultId: string;
  readonly restoreId: string;
}

/** How a restore ended; `failure` is the code of the error. */
export type RestoreEnd =
  | ({ readonly state: 'SUCCEEDED' } & Restored)
  | { readonly state: 'FAILED'; readonly failure: string };

/** @throws HoldfastError `ID_INVALID`, `RESTORE_UNKNOWN`. */
export async function requireRestore(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, restoreId }: RestoreAddress,
): Promise<Stored<'restore'>> {
  const found = await ledger.get('restore', vaultId, requireId('restore', restoreId));
  if (found === undefined) {
    throw new HoldfastError('RESTORE_UNKNOWN', { vaultId, restoreId });
  }
  return found;
}

/**
 * Records how a restore ended, with an audit entry. One that has ended already stays as it is.
 *
 * @returns the restore as the ledger has it now.
 * @throws HoldfastError `VAULT_UNKNOWN`, `RESTORE_UNKNOWN`.
 */
export async function endRestore(
  services: Pick<Services, 'ledger' | 'clock' | 'telemetry'>,
  address: RestoreAddress,
  end: RestoreEnd,
): Promise<Restore> {
  const { vaultId, restoreId } = address;
  const ended = await changeVault(services, vaultId, async (vault) => {
    const { record, version } = await requireRestore(services, address);
    if (record.state !== 'RUNNING') {
      return null;
    }
    const endedAt = services.clock.now().toISOString();
    const restore: Restore = { ...record, ...end, endedAt };
    const { records, bytes, failure } = restore;
    return {
      vault,
      actor: 'holdfast:restore-snapshot',
      action: end.state === 'SUCCEEDED' ? 'restore.succeeded' : 'restore.failed',
      outcome: end.state === 'SUCCEEDED' ? ('done' as const) : ('failed' as const),
      reason: failure,
      details: { restoreId, records, bytes, failure },
      also: [{ record: restore, expect: version }],
      result: restore,
    };
  });
  if (ended === null) {
    return (await requireRestore(services, address)).record;
  }
  const { state, records, bytes, failure } = ended;
  const succeeded = state === 'SUCCEEDED';
  const event = succeeded ? 'restore.succeeded' : 'restore.failed';
  services.telemetry.event(event, { vaultId, restoreId, records, bytes, failure });
  services.telemetry.measure(succeeded ? METRICS.restoreSucceeded : METRICS.restoreFailed, 1);
  return ended;
}
