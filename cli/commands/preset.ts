import type { Command } from 'commander';
import { gradeMark } from '../../shared/domain/cited-law.ts';
import { addCommand, type Execute } from '../command.ts';
import { gradeLegend, ruleFacts } from '../describe-rule.ts';
import { facts, lines, table } from '../render.ts';

/** `preset list`, `preset show`. */
export function addPresetCommands(program: Command, execute: Execute): void {
  const preset = program.command('preset').description('what the law says about keeping records');

  addCommand(preset, {
    name: 'list',
    says: 'List the legal rules that policies can stand on, each with its grade.',
    example: 'holdfast preset list',
  }).action(async (_options: object, command: Command) =>
    execute(command, async ({ call }) => {
      const answer = await call('listPresets', { params: {} });
      const rows = answer.presets.map((each) => [
        each.id,
        each.period,
        gradeMark(each),
        each.optIn ? 'opt-in' : '',
        `${each.title.en} / ${each.title.zh}`,
      ]);
      const header = ['PRESET', 'PERIOD', 'GRADE', 'FOR', 'DOCUMENTS'];
      const legend = gradeLegend(answer.presets, 'preset show ID');
      return { json: answer, text: table(header, rows, 'No presets.') + lines(...legend) };
    }),
  );

  addCommand(preset, {
    name: 'show',
    says: 'Show a legal rule: period, start, law, grade and warnings.',
    example: 'holdfast preset show cn-acct-voucher-30y',
  })
    .argument('<preset>', 'one of "preset list"')
    .action(async (presetId: string, _options: object, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('showPreset', { params: { presetId } });
        return { json: answer, text: facts(ruleFacts(answer)) };
      }),
    );
}
