import type { Command } from 'commander';
import type { LastSweepAnswer, SweepAnswer } from '../../shared/admin-api/sweep-answer.ts';
import type { SweepCount, SweepReason, SweepStop } from '../../shared/domain/sweep-records.ts';
import { vaultPrefix } from '../../shared/format/object-keys.ts';
import type { CliError } from '../cli-error.ts';
import { addCommand, type Cli, type Execute, type Outcome, parseId } from '../command.ts';
import { failedWork } from '../failed-work.ts';
import { count, facts, instant, lines, number, size, table } from '../render.ts';
import { waitUntilEnded } from '../wait-until-ended.ts';

interface SweepCommandOptions {
  readonly dryRun?: boolean;
  readonly confirm?: boolean;
  readonly wait: boolean;
}

/** Versions listed in text; `--json` has them all, or the first ten thousand. */
const MOST_LISTED = 50;

/** Of a large vault a sweep removes 100,000 versions in a few minutes. */
const LIMIT_MS = 30 * 60 * 1000;

const WHY: Readonly<Record<SweepReason, string>> = {
  expired: 'manifest or seal of an expired snapshot',
  unneeded: 'pack that no snapshot needs',
  orphan: 'written by a run that was never committed',
  foreign: 'not written by Holdfast',
  marker: 'delete marker',
  erased: 'left of an erased vault',
  moved: 'under keys that were given up',
};

const STOPPED: Readonly<Record<SweepStop, string>> = {
  held: 'the vault or its client is under a legal hold',
  disagreement: 'ledger and copies contradict each other',
  moving: 'the vault is being moved to other keys',
  share: 'more would go at once than goes without --confirm',
};

const PARTLY = 'a part, then the time was over: there may be more; a sweep has more time';

/** `vault sweep`. */
export function addSweepCommand(vault: Command, execute: Execute): void {
  addCommand(vault, {
    name: 'sweep',
    says:
      'Let snapshots of a vault expire that are not kept any more, and remove from both copies ' +
      'what no snapshot needs, as far as its locks have ended. Happens daily by itself. With ' +
      '--dry-run nothing is changed: which versions would go, why, since when they are locked no ' +
      'longer, and until when the rest stays; --json lists up to 10,000. Ends with 4 when a ' +
      'sweep was stopped.',
    example: 'holdfast vault sweep 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --dry-run',
  })
    .argument('<vault>', 'which vault', parseId)
    .option('--dry-run', 'only tell what would happen')
    .option('--confirm', 'remove it however much of the vault it is')
    .option('--no-wait', 'return at once')
    .action(async (vaultId: string, options: SweepCommandOptions, command: Command) =>
      execute(command, (cli) => sweep(cli, vaultId, options)),
    );
}

async function sweep(
  cli: Cli,
  vaultId: string,
  { dryRun = false, confirm = false, wait }: SweepCommandOptions,
): Promise<Outcome> {
  const params = { vaultId };
  if (dryRun) {
    const answer = await cli.call('showSweep', { params });
    return { json: answer, text: describePreview(answer) };
  }
  const { requestedAt } = await cli.call('requestSweep', { params, body: { confirm } });
  const later = `Look later: holdfast vault sweep ${vaultId} --dry-run`;
  if (!wait) {
    return { json: { vaultId, requestedAt }, text: lines('The sweep is under way.', later) };
  }
  const ask = async () => {
    const answer = await cli.call('showLastSweep', { params });
    const isEnded = answer.last !== null && answer.last.at >= requestedAt;
    return { answer, state: isEnded ? 'ENDED' : 'RUNNING' };
  };
  const { answer } = await waitUntilEnded(ask, cli.sleep, { limitMs: LIMIT_MS, later });
  const outcome = { json: answer, text: describeLast(answer) };
  const stopped = answer.last?.stopped ?? null;
  return stopped === null ? outcome : { ...outcome, failure: stoppedSweep(vaultId) };
}

function stoppedSweep(vaultId: string): CliError {
  return failedWork(`The sweep of vault ${vaultId}`, 'SWEEP_STOPPED');
}

function describePreview(answer: SweepAnswer): string {
  const { expires, removes, total, stays, stored, stopped, disagreements } = answer;
  const rows = Object.entries(removes).map(([reason, counted]) => [
    WHY[reason as SweepReason],
    number(counted.versions),
    size(counted.bytes),
  ]);
  const more = answer.disagreementCount - disagreements.length;
  return [
    facts([
      ['vault', answer.vaultId],
      ['looked at', answer.isWhole ? 'all of it' : PARTLY],
      ['stored in both copies', counts(stored)],
      ['snapshots that would expire', String(expires.length)],
      ['would be removed', counts(total)],
      ['stays for now', `${counts(stays)}${span(stays)}`],
      ['would be stopped', stopped === null ? 'no' : `yes: ${STOPPED[stopped]}`],
    ]),
    table(['SNAPSHOT', 'CREATED', 'KEPT UNTIL'], expires.map(snapshotRow), 'No snapshot expires.'),
    table(['REMOVED BECAUSE', 'VERSIONS', 'SIZE'], rows, 'Nothing is to be removed.'),
    ...listVersions(answer),
    ...(disagreements.length === 0
      ? []
      : [
          table(
            ['COPY', 'OBJECT', 'PROBLEM'],
            disagreements.map(({ copy, object, problem }) => [copy, object, problem]),
            '',
          ),
        ]),
    ...(more > 0 ? [lines(`And ${count(more, 'more disagreement')}.`)] : []),
  ].join('\n');
}

/** Without what all keys begin with, the longest last: few terminals show it all. */
function listVersions({ vaultId, versions, total }: SweepAnswer): string[] {
  if (versions.length === 0) {
    return [];
  }
  const prefix = vaultPrefix(vaultId);
  const rows = versions
    .slice(0, MOST_LISTED)
    .map(({ key, copy, versionId, bytes, unlockedSince }) => [
      copy,
      size(bytes),
      instant(unlockedSince),
      key.startsWith(prefix) ? key.slice(prefix.length) : key,
      versionId,
    ]);
  const more = total.versions - rows.length;
  return [
    lines(`Under ${prefix}:`) +
      table(['COPY', 'SIZE', 'UNLOCKED SINCE', 'OBJECT', 'VERSION'], rows, ''),
    ...(more > 0 ? [lines(`And ${count(more, 'more version')}.`)] : []),
  ];
}

function snapshotRow(snapshot: SweepAnswer['expires'][number]): string[] {
  return [snapshot.snapshotId, instant(snapshot.createdAt), instant(snapshot.retainUntil)];
}

function describeLast({ vaultId, last }: LastSweepAnswer): string {
  if (last === null) {
    return lines('No sweep yet.');
  }
  return facts([
    ['vault', vaultId],
    ['swept', instant(last.at)],
    ['snapshots expired', String(last.expired)],
    ['removed', counts(last.removed)],
    ['stays for now', `${counts(last.stays)}${span(last.stays)}`],
    ['stopped', last.stopped === null ? 'no' : `yes: ${STOPPED[last.stopped]}`],
  ]);
}

function counts({ versions, bytes }: SweepCount): string {
  return `${count(versions, 'version')}, ${size(bytes)}`;
}

function span({ from, until }: SweepAnswer['stays']): string {
  if (from === null) {
    return '';
  }
  const end = from === until ? '' : ` to ${instant(until)}`;
  return `, locked until ${instant(from)}${end}`;
}
