import type { Command } from 'commander';
import type { PolicyAnswer, RetentionAnswer } from '../../shared/admin-api/answers.ts';
import { addCommand, type Execute, parseDate } from '../command.ts';
import { describeKeep, policyFacts } from '../describe-policy.ts';
import { gradeLegend, gradeMark, ruleFacts } from '../describe-rule.ts';
import { facts, instant, lines, table } from '../render.ts';

/** `policy list`, `policy show`. */
export function addPolicyCommands(program: Command, execute: Execute): void {
  const policy = program
    .command('policy')
    .description('Look at policies: how often to back up, how long to keep, how to erase.');

  addCommand(policy, {
    name: 'list',
    says: 'List the policies a vault can have.',
    example: 'holdfast policy list',
  }).action(async (_options: object, command: Command) =>
    execute(command, async ({ call }) => {
      const answer = await call('listPolicies', { params: {} });
      const graded = answer.policies.map(({ statute, ...each }) => ({
        ...each,
        period: statute?.period ?? '-',
        duty: statute === null ? null : { grade: statute.confirmed, doubts: statute.doubts },
      }));
      const rows = graded.map((each) => [
        each.id,
        `${each.backup.everyHours} h`,
        describeKeep(each.snapshots.keep),
        each.period,
        each.duty === null ? '-' : gradeMark(each.duty),
        `${each.erasure.graceDays} + ${each.erasure.windowDays} d`,
        each.title,
      ]);
      const header = [
        'POLICY',
        'BACKUP EVERY',
        'KEPT',
        'STATUTE',
        'GRADE',
        'ERASED AFTER',
        'TITLE',
      ];
      const duties = graded.flatMap(({ duty }) => duty ?? []);
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
    .option(
      '--event <date>',
      'count from here: the date of the record, or of what starts the clock',
      parseDate,
    )
    .action(async (policyId: string, { event }: { event?: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const query = event === undefined ? {} : { event };
        const answer = await call('showPolicy', { params: { policyId }, query });
        return { json: answer, text: describePolicy(answer) };
      }),
    );
}

function describePolicy({ policy, reviewOverdue, rules, retention }: PolicyAnswer): string {
  const overdue = reviewOverdue ? ': overdue, somebody must look at the law again' : '';
  const blocks = [
    facts([...policyFacts(policy), ['review by', `${policy.reviewBy}${overdue}`]]),
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
