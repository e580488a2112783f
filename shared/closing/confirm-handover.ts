import type { ConfirmHandoverBody } from '../admin-api/messages.ts';
import type { Handover } from '../domain/closing-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Restore, Vault } from '../domain/records.ts';
import { requireVaultTransition } from '../domain/states.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { handedRecords } from './list-handover.ts';
import { openErasure } from './open-erasure.ts';

/** Name under which requests are made that nobody made in person. */
const ACTOR = 'holdfast:end-retention';

/**
 * Confirms that a closed vault's records have arrived at the client: the handover list is kept as
 * it is now, the vault becomes HANDED_OVER, and what remains of it here is to be erased. The
 * receiver has checked that they are accurate,
 * complete and usable (会计档案管理办法 24), which no machine can say; neither who closed the vault
 * nor who gave the records over says it.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`; `HANDOVER_NOT_DUE` unless it was closed to be handed over;
 * `RESTORE_UNKNOWN`; `OWN_HANDOVER`; `HANDOVER_INCOMPLETE` unless that restore gave the whole
 * final snapshot, after the vault was closed.
 */
export async function confirmHandover(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'telemetry'>,
  actor: string,
  vaultId: string,
  { restoreId, recipient, mode, reference }: ConfirmHandoverBody,
): Promise<Handover> {
  const now = services.clock.now();
  const confirmedAt = now.toISOString();
  const confirmed = await changeVault(services, vaultId, async (vault) => {
    const closing = requireDue(vault);
    const restore = await services.ledger.get('restore', vaultId, restoreId);
    if (restore === undefined) {
      throw new HoldfastError('RESTORE_UNKNOWN', { vaultId, restoreId });
    }
    if (actor === closing.closedBy || actor === restore.record.requestedBy) {
      throw new HoldfastError('OWN_HANDOVER', { vaultId });
    }
    if (!isWhole(restore.record, closing)) {
      throw new HoldfastError('HANDOVER_INCOMPLETE', { vaultId, restoreId });
    }
    requireVaultTransition(vaultId, vault.state, 'HANDED_OVER');
    const handover: Handover = {
      kind: 'handover',
      ...{ vaultId, restoreId, recipient, mode, confirmedAt },
      reference: reference ?? null,
      confirmedBy: actor,
      list: await handedRecords(services.ledger, vault, now),
    };
    return {
      vault: {
        ...vault,
        state: 'HANDED_OVER' as const,
        closing: { ...closing, keepUntil: confirmedAt },
      },
      actor,
      action: 'vault.handed-over',
      details: { restoreId, mode, finalSnapshotId: closing.finalSnapshotId },
      also: [{ record: handover, expect: 'absent' as const }],
      result: handover,
    };
  });
  await openErasure(services, ACTOR, vaultId);
  return confirmed;
}

function requireDue({ vaultId, state, closing }: Vault): NonNullable<Vault['closing']> {
  if (state !== 'CLOSED' || closing?.disposition !== 'hand-over') {
    throw new HoldfastError('HANDOVER_NOT_DUE', { vaultId, state });
  }
  return closing;
}

/** A restore to a folder runs on somebody's machine: how it ended, the ledger does not know. */
function isWhole(
  { snapshotId, patterns, state, requestedAt }: Restore,
  { finalSnapshotId, closedAt }: NonNullable<Vault['closing']>,
): boolean {
  return (
    snapshotId === finalSnapshotId &&
    patterns.length === 0 &&
    (state === 'SUCCEEDED' || state === 'DELEGATED') &&
    requestedAt >= closedAt
  );
}
