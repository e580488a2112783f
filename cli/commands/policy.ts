import type { Command } from 'commander';
import type { PolicyAnswer, RetentionAnswer } from '../../shared/admin-api/answers.ts';
import { gradeMark } from '../../shared/domain/cited-law.ts';
import type { Policy } from '../../shared/domain/policy.ts';
import { diffPolicies, type PolicyDiff } from '../../shared/domain/policy-diff.ts';
import { usageError } from '../cli-error.ts';
import { addCommand, type Cli, type Execute, parseDate, parseNumber } from '../command.ts';
import { describeDiff, describeKeep, policyFacts, readPolicyFile } from '../describe-policy.ts';
import { describeReview, gradeLegend, ruleFacts } from '../describe-rule.ts';
import { facts, instant, lines, table } from '../render.ts';
import { addPolicyChangeCommands, versionFacts } from './policy-change.ts';

const parseVersion = parseNumber(1, 1_000_000);

interface ShowOptions {
  readonly policyVersion?: number;
  readonly event?: string;
  readonly document?: true;
}

/** `policy list`, `policy show`, `policy diff`, and what changes policies. */
export function addPolicyCommands(program: Command, execute: Execute): void {
  const policy = program
    .command('policy')
    .description(
      'Look at and change policies: how often to back up, how long to keep, how to erase.',
    );

  addCommand(policy, {
    name: 'list',
    says: 'List the policies a vault can have.',
    example: 'holdfast policy list',
  }).action(async (_options: object, command: Command) =>
    execute(command, async ({ call }) => {
      const answer = await call('listPolicies', { params: {} });
      const rows = answer.policies.map((each) => [
        each.id,
        String(each.version),
        each.added?.approval === 'awaited' ? 'awaits approval' : 'usable',
        `${each.backup.everyHours} h`,
        describeKeep(each.snapshots.keep),
        each.statute?.period ?? '-',
        each.statute === null ? '-' : gradeMark(each.statute),
        each.reviewOverdue ? `${each.reviewBy}, overdue` : each.reviewBy,
        `${each.erasure.graceDays} + ${each.erasure.windowDays} d`,
        each.title,
      ]);
      const header = [
        'POLICY',
        'VERSION',
        'STATE',
        'BACKUP EVERY',
        'KEPT',
        'STATUTE',
        'GRADE',
        'REVIEW BY',
        'ERASED AFTER',
        'TITLE',
      ];
      const duties = answer.policies.flatMap(({ statute }) => statute ?? []);
      const legend = duties.length === 0 ? [] : gradeLegend(duties, 'policy show ID');
      return { json: answer, text: table(header, rows, 'No policies.') + lines(...legend) };
    }),
  );

  addCommand(policy, {
    name: 'show',
    says: 'Show a policy with the law it stands on, and until when it keeps a record.',
    example: 'holdfast policy show accounting-30y --event 2025-03-10',
  })
    .argument('<policy>', 'one of "policy list"')
    .option('--policy-version <number>', 'which version (default: the newest)', parseVersion)
    .option(
      '--event <date>',
      'count from here: the date of the record, or of what starts the clock',
      parseDate,
    )
    .option('--document', 'only the document, JSON, as "policy add" takes it')
    .action(async (policyId: string, options: ShowOptions, command: Command) =>
      execute(command, async ({ call }) => {
        const { policyVersion: version, event, document } = options;
        const query = { ...(event && { event }), ...(version && { version }) };
        const answer = await call('showPolicy', { params: { policyId }, query });
        if (document) {
          const { statute: _, ...json } = answer.policy;
          return { json, text: `${JSON.stringify(json, null, 2)}\n` };
        }
        return { json: answer, text: describePolicy(answer) };
      }),
    );

  addDiffCommand(policy, execute);
  addPolicyChangeCommands(policy, execute);
}

interface DiffOptions {
  readonly from?: number;
  readonly to?: number;
}

function addDiffCommand(policy: Command, execute: Execute): void {
  addCommand(policy, {
    name: 'diff',
    says: 'Say in words what changes between two versions of a policy, or to one in a file.',
    example: 'holdfast policy diff engagement-10y engagement-10y-v2.json',
  })
    .argument('<policy>', 'one of "policy list"')
    .argument('[file]', 'a document to compare with, JSON')
    .option(
      '--from <number>',
      'the older version (default: the newest but one; with a file, the newest)',
      parseVersion,
    )
    .option('--to <number>', 'the newer version (default: the newest)', parseVersion)
    .action(async (id: string, file: string | undefined, options: DiffOptions, command: Command) =>
      execute(command, async (cli) => {
        const diff = await compare(cli, id, file, options);
        return { json: diff, text: describeDiff(diff) };
      }),
    );
}

async function compare(
  { call }: Pick<Cli, 'call'>,
  policyId: string,
  file: string | undefined,
  { from, to }: DiffOptions,
): Promise<PolicyDiff> {
  const versionOf = async (version?: number): Promise<Policy> => {
    const query = version === undefined ? {} : { version };
    return (await call('showPolicy', { params: { policyId }, query })).policy;
  };
  if (file === undefined) {
    const newer = await versionOf(to);
    return diffPolicies(await versionOf(from ?? Math.max(1, newer.version - 1)), newer);
  }
  if (to !== undefined) {
    throw usageError('Compare either with a file or with a version, not with both.');
  }
  const { policy } = await readPolicyFile(file);
  return diffPolicies(await versionOf(from), policy);
}

function describePolicy(answer: PolicyAnswer): string {
  const { policy, added, reviewOverdue, rules, retention } = answer;
  const blocks = [
    facts([
      ...policyFacts(policy),
      ['review by', describeReview(policy.reviewBy, reviewOverdue)],
      ...(added === null ? [] : versionFacts(added).slice(1)),
    ]),
    ...rules.map((rule) => facts(ruleFacts(rule))),
    ...(retention === null ? [] : [describeRetention(retention, rules, policy.timeZone)]),
  ];
  return blocks.join('\n');
}

function describeRetention(
  { event, lastDayKept, eraseDue, because }: RetentionAnswer,
  rules: PolicyAnswer['rules'],
  timeZone: string,
): string {
  const reasons = because.map(({ presetId, lastDayKept: end, decides }): [string, string] => {
    const rule = rules.find(({ id }) => id === presetId);
    const grade = rule === undefined ? '' : `, grade ${gradeMark(rule)}`;
    return ['because', `${end ?? 'for ever'}: ${presetId}${grade}${decides ? ', decides' : ''}`];
  });
  return facts([
    ['event', event],
    ['last day kept', lastDayKept ?? 'none: it is kept for ever'],
    ['erase due', eraseDue === null ? 'never' : `${instant(eraseDue)}, midnight in ${timeZone}`],
    ...reasons,
  ]);
}
