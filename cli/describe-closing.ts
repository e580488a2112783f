import type { ClosingPlan, VaultClosingPlan } from '../shared/admin-api/closing-answers.ts';
import { isUnconfirmed, listCited } from '../shared/domain/cited-law.ts';
import type { Disposition } from '../shared/domain/closing-records.ts';
import type { DispositionRuling } from '../shared/domain/disposition.ts';
import { facts, instant, lines } from './render.ts';

/** What the law leaves open, and people have to decide; see docs/retention.md. */
const OPEN_POINTS = [
  'Open in law, and not decided here:',
  '- 个人信息保护法 19 and 47 give way to periods of laws and administrative regulations. The archive',
  '  measures are a ministry rule to which 会计法 23 delegates; the tax service standards a notice.',
  '- No statute that was read says who keeps the books of a company after it is deregistered: say',
  '  who does, and on which basis, with --custodian and --custodian-basis.',
];

/**
 * @param chosen - what is to become of a vault, by its id.
 * @param confirmed - the snapshot that somebody says is final, by the vault's id.
 * @param dated - the vaults for which somebody gave a day of their own.
 * @returns what closing a client would mean: per vault what is done, and what the law allows.
 */
export function describeClosing(
  plan: ClosingPlan,
  chosen: ReadonlyMap<string, Disposition>,
  confirmed: ReadonlyMap<string, string>,
  dated: ReadonlyMap<string, string>,
): string {
  const blocks = plan.vaults.map((vault) => {
    const isOpen = vault.closing === null && vault.state !== 'ERASED';
    const isDone = vault.state !== 'ACTIVE';
    const done = isOpen ? 'its erasure must end, or be called off, first' : 'nothing is done';
    const what = chosen.get(vault.vaultId);
    return facts([
      ['vault', `${vault.vaultId} ${vault.recordClass}, policy ${vault.policyId} (${vault.role})`],
      ['state', isDone ? `${vault.state}: ${done}` : vault.state],
      ...(isDone
        ? []
        : [['last backup', lastBackupOf(vault, confirmed.get(vault.vaultId))] as const]),
      ...(vault.holds === 0 ? [] : [['held', `by ${vault.holds}: nothing is erased`] as const]),
      ...(isDone || !vault.isLongAgo ? [] : [longAgo(vault)]),
      ...(isDone ? [] : clockFacts(vault, dated.has(vault.vaultId))),
      ...(isDone ? [] : rulingFacts(vault, what)),
    ]);
  });
  const header = facts([
    ['client', plan.clientId],
    ['ends on', plan.event],
  ]);
  return [header, ...blocks, lines(...OPEN_POINTS)].join('\n');
}

function lastBackupOf(vault: VaultClosingPlan, confirmed: string | undefined): string {
  if (confirmed !== undefined) {
    return `snapshot ${confirmed}, confirmed as the final one`;
  }
  if (vault.source === 's3') {
    return 'is made now';
  }
  const last = vault.lastSnapshotId ?? 'none';
  return vault.isFinal
    ? `${last} of ${instant(vault.lastSnapshotAt)} is the final one`
    : `${last} is too old: push once more, or --confirm ${vault.vaultId}=SNAPSHOT`;
}

function longAgo({ event, lastSnapshotAt }: VaultClosingPlan): [string, string] {
  return [
    'warning',
    `${event} lies more than a year before its last snapshot, of ${instant(lastSnapshotAt)}: a ` +
      'day too early lets it be erased too early. If it is right, add --confirm-dates',
  ];
}

function clockFacts(
  { vaultId, event, countedFrom, mayStartLater }: VaultClosingPlan,
  isDated: boolean,
): [string, string][] {
  if (countedFrom.length === 0) {
    return [];
  }
  const late =
    `by its rules that day may come after the work has ended: if it does, give it with ` +
    `--event ${vaultId}=DATE, or the vault is kept too short`;
  return [
    ['counted', `${countedFrom.join('; ')}: taken to be ${event}`],
    ...(mayStartLater && !isDated ? ([['  warning', late]] as [string, string][]) : []),
  ];
}

function rulingFacts(
  { options }: VaultClosingPlan,
  chosen: Disposition | undefined,
): [string, string][] {
  return options.flatMap((ruling): [string, string][] => {
    const { disposition, allowed, says, basis, warnings } = ruling;
    const mark = disposition === chosen ? ' (chosen)' : '';
    const until = allowed ? endOf(ruling) : '';
    const verdict = allowed ? 'allowed' : 'not allowed';
    return [
      [`${disposition}${mark}`, `${verdict}${until}: ${says} (${listCited(basis)})`],
      ...warnings.map((warning): [string, string] => ['  warning', warning]),
    ];
  });
}

/** @returns until when what is retained is kept, marked if its law is; nothing for the rest. */
export function endOf(
  closing: Pick<DispositionRuling, 'disposition' | 'keepUntil' | 'basis'> | null,
): string {
  if (closing?.disposition !== 'retain') {
    return '';
  }
  const { keepUntil, basis } = closing;
  const mark = isUnconfirmed(basis) ? ' (unconfirmed)' : '';
  return keepUntil === null ? `, for ever${mark}` : `, until ${instant(keepUntil)}${mark}`;
}
