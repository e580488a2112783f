import type { CloseVaultBody } from '../admin-api/messages.ts';
import { listCited } from '../domain/cited-law.ts';
import type { VaultClosing } from '../domain/closing-records.ts';
import { ruleOn } from '../domain/disposition.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { isLongAgo, requirePastDate } from './closing-date.ts';
import { requireFinalSnapshot } from './final-snapshot.ts';
import { openErasure } from './open-erasure.ts';

type ClosingServices = Pick<Services, 'ledger' | 'clock' | 'ids' | 'telemetry'>;

/**
 * Closes a vault. Its course:
 *
 * 1. the law decides whether it may be retained, erased or handed over (`ruleOn`)
 * 2. its last snapshot must be final, and verified in both copies (`requireFinalSnapshot`)
 * 3. the vault becomes CLOSED: it takes no backups any more, and its calendar runs
 * 4. a vault that is to be erased gets its request at once; somebody else approves it
 *
 * Asking again for what was done already changes nothing. A hold keeps no vault from being closed.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `DISPOSITION_FORBIDDEN` citing the rule, `BACKUP_RUNNING`,
 * `TRANSITION_FORBIDDEN` for a vault that cannot be closed, or was closed in another way;
 * `CLOSED_OTHERWISE` when it was with another day; `EVENT_IN_FUTURE`, `EVENT_LONG_AGO`; what
 * `requireFinalSnapshot` throws.
 */
export async function closeVault(
  services: ClosingServices,
  actor: string,
  vaultId: string,
  body: CloseVaultBody,
): Promise<Vault> {
  const closed = await changeVault(services, vaultId, async (vault) => {
    if (isClosedSo(vault, body)) {
      return null;
    }
    requireActive(vault);
    requireIdle(vault, services.clock.now());
    const closing = await closingOf(services, actor, vault, body);
    const { disposition, event, keepUntil, finalSnapshotId, basis } = closing;
    const next: Vault = { ...vault, state: 'CLOSED', nextBackupAt: null, closing };
    return {
      vault: next,
      actor,
      action: 'vault.closed',
      details: { disposition, event, keepUntil, finalSnapshotId, basis: listCited(basis) },
      also: [],
      result: next,
    };
  });
  if (body.disposition === 'erase') {
    await openErasure(services, actor, vaultId);
  }
  const after = await services.ledger.get('vault', vaultId);
  return after?.record ?? (closed as Vault);
}

/** @throws HoldfastError `CLOSED_OTHERWISE` when only the day is another one. */
function isClosedSo({ vaultId, closing }: Vault, { disposition, event }: CloseVaultBody): boolean {
  if (closing?.disposition !== disposition) {
    return false;
  }
  if (closing.event !== event) {
    const what = `Vault ${vaultId}`;
    throw new HoldfastError('CLOSED_OTHERWISE', { what, event: closing.event });
  }
  return true;
}

/** What is restricted goes back to CLOSED by the end of its erasure only, never by being closed. */
function requireActive({ vaultId, state: from }: Vault): void {
  if (from !== 'ACTIVE') {
    throw new HoldfastError('TRANSITION_FORBIDDEN', {
      what: `Vault ${vaultId}`,
      from,
      to: 'CLOSED',
    });
  }
}

function requireIdle({ vaultId, activeRun }: Vault, now: Date): void {
  if (activeRun !== null && new Date(activeRun.until) > now) {
    throw new HoldfastError('BACKUP_RUNNING', { vaultId, runId: activeRun.runId });
  }
}

async function closingOf(
  services: ClosingServices,
  closedBy: string,
  vault: Vault,
  { disposition, event, confirmedEvent, ...claim }: CloseVaultBody,
): Promise<VaultClosing> {
  const now = services.clock.now();
  const policy = await policyOf(services.ledger, vault);
  const day = requirePastDate(event, now);
  const { lastSnapshotAt } = vault;
  if (lastSnapshotAt !== null && isLongAgo(day, lastSnapshotAt) && confirmedEvent !== event) {
    const { vaultId } = vault;
    throw new HoldfastError('EVENT_LONG_AGO', { vaultId, event, lastSnapshotAt });
  }
  const ruling = ruleOn(disposition, policy, day, now);
  const { allowed, says, basis, keepUntil } = ruling;
  if (!allowed) {
    const { vaultId } = vault;
    const rule = listCited(basis);
    throw new HoldfastError('DISPOSITION_FORBIDDEN', { vaultId, disposition, rule, says });
  }
  const { snapshotId: finalSnapshotId } = await requireFinalSnapshot(services, vault, claim);
  const closedAt = now.toISOString();
  return { closedAt, closedBy, disposition, event, keepUntil, finalSnapshotId, basis };
}
