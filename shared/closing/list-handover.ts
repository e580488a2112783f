import type { HandedDuty, HandoverList } from '../admin-api/closing-answers.ts';
import { HoldfastError } from '../domain/errors.ts';
import { formatLocalDate, type LocalDate } from '../domain/local-date.ts';
import type { Policy } from '../domain/policy.ts';
import { retentionOf } from '../domain/retention.ts';
import { localDateAt } from '../domain/time-zone.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { requireSnapshot } from '../registry/find-snapshot.ts';
import { requireClient, requireVault } from '../registry/find-vault.ts';
import { requireDate } from './closing-date.ts';

/**
 * The handover list of a closed vault (会计档案管理办法 24): what it is, how many records, of which
 * time, and until when the receiver must keep them. What each record is called, the restored files
 * themselves say.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`; `HANDOVER_NOT_DUE` for a vault that was not closed to be
 * handed over.
 */
export async function listHandover(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<HandoverList> {
  const { record: vault } = await requireVault(ledger, vaultId);
  const { closing, state } = vault;
  if (closing?.disposition !== 'hand-over') {
    throw new HoldfastError('HANDOVER_NOT_DUE', { vaultId, state });
  }
  const [{ record: client }, final, stored] = await Promise.all([
    requireClient(ledger, vault.clientId),
    requireSnapshot(ledger, vaultId, closing.finalSnapshotId),
    ledger.get('handover', vaultId),
  ]);
  const policy = await policyOf(ledger, vault);
  const dayOf = (at: string) => formatLocalDate(localDateAt(new Date(at), policy.timeZone));
  const { kind: _, vaultId: _same, ...handover } = stored?.record ?? { kind: '', vaultId };
  return {
    vaultId,
    clientReference: client.reference,
    clientName: client.name,
    recordClass: vault.recordClass,
    title: policy.title,
    records: final.counts.records,
    bytes: final.counts.bytes,
    firstSnapshot: dayOf(await firstSnapshotAt({ ledger }, vaultId, final.createdAt)),
    lastSnapshot: dayOf(final.createdAt),
    finalSnapshotId: final.snapshotId,
    sealSha256: final.seal.sha256,
    duties: dutiesOf(policy, requireDate(closing.event)),
    event: closing.event,
    handover: 'restoreId' in handover ? handover : null,
  };
}

/** Of several duties the later end wins, and all are listed. */
function dutiesOf(policy: Policy, event: LocalDate): HandedDuty[] {
  const duties = policy.statute?.duties ?? [];
  return retentionOf(policy, event).because.flatMap(({ preset, lastDayKept }) => {
    const duty = duties.find(({ ruleId }) => ruleId === preset.id);
    const last = lastDayKept === null ? null : formatLocalDate(lastDayKept);
    return duty === undefined ? [] : [{ ...duty, lastDayKept: last }];
  });
}

/** Lists come in order of ids, which is that of time. */
async function firstSnapshotAt(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  otherwise: string,
): Promise<string> {
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    return record.createdAt;
  }
  return otherwise;
}
