import type { Command } from 'commander';
import type {
  Answers,
  KeptSnapshotAnswer,
  SnapshotAnswer,
} from '../../shared/admin-api/answers.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { CliError } from '../cli-error.ts';
import { addCommand, type Execute, idOption, parseId } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { count, facts, instant, number, size, table } from '../render.ts';
import { addVerifyCommand } from './verify.ts';

/** `snapshot list`, `snapshot show`, `snapshot verify`. */
export function addSnapshotCommands(program: Command, execute: Execute): void {
  const snapshot = program
    .command('snapshot')
    .description('Look at snapshots: what each backup left behind, and how it is locked.');

  addCommand(snapshot, {
    name: 'list',
    says: 'List the snapshots of a vault, newest first, as the ledger knows them.',
    example: 'holdfast snapshot list --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'whose snapshots'))
    .action(async ({ vault }: { vault: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('listSnapshots', { params: { vaultId: vault } });
        const rows = answer.snapshots.map(({ counts, ...each }) => [
          each.snapshotId,
          instant(each.createdAt),
          number(counts.records),
          size(counts.bytes),
          number(counts.readRecords),
          number(counts.skipped),
          each.tiers.join(' ') || 'extra',
          keptUntil(each.kept),
          stateOf(each),
        ]);
        const numbers = ['RECORDS', 'SIZE', 'READ', 'SKIPPED'];
        const header = ['SNAPSHOT', 'CREATED', ...numbers, 'TIERS', 'KEPT UNTIL', 'STATE'];
        return { json: answer, text: table(header, rows, 'No snapshots.') };
      }),
    );

  addCommand(snapshot, {
    name: 'show',
    says: 'Show a snapshot and how both copies hold it, read from S3 now.',
    example: 'holdfast snapshot show 01KB1T9S0ZJ4Y6V3N5M2X9W0RC --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .argument('<snapshot>', 'which snapshot', parseId)
    .addOption(idOption('--vault <vault>', 'whose snapshot'))
    .action(async (snapshotId: string, { vault }: { vault: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const params = { vaultId: vault, snapshotId };
        const answer = await call('showSnapshot', { params });
        const outcome = { json: answer, text: describeSnapshot(answer) };
        return answer.protection.state === 'damaged' && !isLetGo(answer.kept)
          ? { ...outcome, failure: damaged(snapshotId) }
          : outcome;
      }),
    );

  addVerifyCommand(snapshot, execute);
}

function describeSnapshot(snapshot: Answers['showSnapshot']): string {
  const { counts, protection } = snapshot;
  const copies = COPY_NAMES.map((name): [string, string] => {
    const copy = protection.copies[name];
    const held = `${copy.present} of ${protection.objects} objects`;
    const short = copy.short === 0 ? '' : `, ${copy.short} locked too short`;
    const due = copy.due === 0 ? '' : `, ${copy.due} to be extended by the next renewal`;
    const unasked = copy.unasked === 0 ? '' : `, ${copy.unasked} not asked for in time`;
    const locked = `locked until ${instant(copy.earliestLockEnd)}`;
    return [
      `${name} copy`,
      copy.answered ? `${held}, ${locked}${short}${due}${unasked}` : 'did not answer',
    ];
  });
  return facts([
    ['snapshot', snapshot.snapshotId],
    ['vault', snapshot.vaultId],
    ['created', instant(snapshot.createdAt)],
    ['tiers', snapshot.tiers.join(', ') || 'extra: none of its own'],
    ...keptFacts(snapshot.kept),
    ['records', `${number(counts.records)}, ${size(counts.bytes)}`],
    ['read in this run', `${number(counts.readRecords)}, ${size(counts.readBytes)}`],
    ['skipped', describeSkipped(counts)],
    ['packs', `${number(counts.packs)}, ${size(counts.packBytes)} in each copy`],
    ['state', stateOf(snapshot)],
    ...(isLetGo(snapshot.kept) ? [] : [['protection', protection.state] as const]),
    ...copies,
    ...(protection.checked === null ? [] : [checked(protection.checked)]),
  ]);
}

function checked({ state, askedAt }: { state: string; askedAt: string }): [string, string] {
  return ['last checked', `${state}, ${instant(askedAt)}`];
}

/** What is not kept any more may be removed by now, and is not damaged for that. */
function isLetGo({ by }: Kept): boolean {
  return by === 'expired' || by === 'erased';
}

/** What keeps a snapshot, for a cell under `KEPT UNTIL`. */
function keptUntil({ by, until, holds }: Kept): string {
  switch (by) {
    case 'hold':
      return `held by ${count(holds, 'hold')}`;
    case 'final':
      return until === null ? 'for ever, final one' : `${instant(until)}, final one`;
    case 'last':
      return 'another is made';
    case 'nothing':
      return `${instant(until)}, over`;
    default:
      return instant(until);
  }
}

function keptFacts(kept: Kept): [string, string][] {
  const { by, until, holds } = kept;
  switch (by) {
    case 'erased':
      return [['unreadable', `its keys were destroyed, the vault was erased ${instant(until)}`]];
    case 'expired':
      return [['expired', `${instant(until)}; it cannot be restored any more`]];
    case 'hold':
      return [['kept', `as long as it is held by ${count(holds, 'hold')}`]];
    case 'final':
      return [
        ['kept', `as the final one ${until === null ? 'for ever' : `until ${instant(until)}`}`],
      ];
    case 'last':
      return [['kept', 'as the last one, until another has taken its place']];
    default:
      return [['kept until', keptUntil(kept)]];
  }
}

type Kept = KeptSnapshotAnswer['kept'];

/** What the ledger says of a snapshot. */
type LedgerState = Pick<KeptSnapshotAnswer, 'protectionState' | 'incomplete' | 'kept'>;

function stateOf({ protectionState, incomplete, kept }: LedgerState): string {
  if (isLetGo(kept)) {
    return kept.by === 'erased' ? 'unreadable' : 'expired';
  }
  return incomplete ? `${protectionState}, incomplete` : protectionState;
}

/** How many records could not be read, and why; which ones, the snapshot alone knows. */
function describeSkipped({ skipped, skippedBy }: SnapshotAnswer['counts']): string {
  const reasons = Object.entries(skippedBy).map(([reason, count]) => `${count} ${reason}`);
  return reasons.length === 0 ? String(skipped) : `${skipped} (${reasons.join(', ')})`;
}

function damaged(snapshotId: string): CliError {
  return new CliError({
    code: 'SNAPSHOT_DAMAGED',
    message: `An object of snapshot ${snapshotId} is whole and locked in neither copy.`,
    next: 'Restore what can be read, then find out who could change the copies.',
    exitCode: EXIT.damaged,
  });
}
