import type { Command } from 'commander';
import { addCommand, type Execute } from '../command.ts';
import { table } from '../render.ts';

/** `policy list`. */
export function addPolicyCommands(program: Command, execute: Execute): void {
  const policy = program.command('policy').description('what is decided about a class of records');

  addCommand(policy, {
    name: 'list',
    says: 'List the policies a vault can have.',
    example: 'holdfast policy list',
  }).action(async (_options: object, command: Command) =>
    execute(command, async ({ call }) => {
      const answer = await call('listPolicies', { params: {} });
      const rows = answer.policies.map((each) => [
        each.id,
        `${each.backup.everyHours} h`,
        `${each.snapshots.keepDays} d`,
        each.statute?.period ?? '-',
        `${each.erasure.graceDays} + ${each.erasure.windowDays} d`,
        each.title,
      ]);
      const header = ['POLICY', 'BACKUP EVERY', 'KEPT', 'STATUTE', 'ERASED AFTER', 'TITLE'];
      return { json: answer, text: table(header, rows, 'No policies.') };
    }),
  );
}
