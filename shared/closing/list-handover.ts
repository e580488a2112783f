import type { HandoverList } from '../admin-api/closing-answers.ts';
import { firstDayCounted } from '../domain/calendar.ts';
import type { HandedDuty, HandedRecords } from '../domain/closing-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import { formatLocalDate, type LocalDate } from '../domain/local-date.ts';
import { timeBetween } from '../domain/period.ts';
import type { Policy } from '../domain/policy.ts';
import type { Vault } from '../domain/records.ts';
import { retentionOf } from '../domain/retention.ts';
import { clockStartOf } from '../domain/retention-preset.ts';
import { localDateAt } from '../domain/time-zone.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { requireSnapshot } from '../registry/find-snapshot.ts';
import { requireClient, requireVault } from '../registry/find-vault.ts';
import { requireDate } from './closing-date.ts';

/**
 * The handover list of a closed vault (会计档案管理办法 24): what it is, how many records, of which
 * time, how much of the period to keep them has elapsed, and until when the receiver must keep
 * them. What each record is called, the restored files themselves say. Once the handover is
 * confirmed the list stays as it was then, whatever becomes of the vault.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`; `HANDOVER_NOT_DUE` for a vault that was not closed to be
 * handed over.
 */
export async function listHandover(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vaultId: string,
): Promise<HandoverList> {
  const { record: vault } = await requireVault(ledger, vaultId);
  const stored = (await ledger.get('handover', vaultId))?.record;
  if (stored === undefined) {
    return { ...(await handedRecords(ledger, vault, clock.now())), handover: null };
  }
  const { kind: _, vaultId: _same, list, ...handover } = stored;
  return { ...list, handover };
}

/**
 * @returns what would be handed over with a vault at this moment.
 * @throws HoldfastError `HANDOVER_NOT_DUE` for a vault that was not closed to be handed over.
 */
export async function handedRecords(
  ledger: Ledger,
  vault: Vault,
  now: Date,
): Promise<HandedRecords> {
  const { vaultId, closing, state } = vault;
  if (closing?.disposition !== 'hand-over') {
    throw new HoldfastError('HANDOVER_NOT_DUE', { vaultId, state });
  }
  const [{ record: client }, final, policy] = await Promise.all([
    requireClient(ledger, vault.clientId),
    requireSnapshot(ledger, vaultId, closing.finalSnapshotId),
    policyOf(ledger, vault),
  ]);
  const dayOf = (at: Date | string) => localDateAt(new Date(at), policy.timeZone);
  return {
    vaultId,
    clientReference: client.reference,
    clientName: client.name,
    recordClass: vault.recordClass,
    title: policy.title,
    records: final.counts.records,
    bytes: final.counts.bytes,
    openedOn: formatLocalDate(dayOf(vault.createdAt)),
    lastSnapshot: formatLocalDate(dayOf(final.createdAt)),
    finalSnapshotId: final.snapshotId,
    sealSha256: final.seal.sha256,
    duties: dutiesOf(policy, requireDate(closing.event), dayOf(now)),
    event: closing.event,
  };
}

/** Of several duties the later end wins, and all are listed. */
function dutiesOf(policy: Policy, event: LocalDate, today: LocalDate): HandedDuty[] {
  const duties = policy.statute?.duties ?? [];
  return retentionOf(policy, event).because.flatMap(({ preset, lastDayKept }) => {
    const duty = duties.find(({ ruleId }) => ruleId === preset.id);
    if (duty === undefined) {
      return [];
    }
    const start = clockStartOf(preset);
    const startsOn = start === 'never' ? null : firstDayCounted(start, event, policy.fiscalYearEnd);
    return {
      ...duty,
      lastDayKept: lastDayKept === null ? null : formatLocalDate(lastDayKept),
      elapsed: startsOn && timeBetween(startsOn, today),
    };
  });
}
