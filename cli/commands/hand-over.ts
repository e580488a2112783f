import { type Command, Option } from 'commander';
import type { HandoverList } from '../../shared/admin-api/closing-answers.ts';
import { listCited, marked } from '../../shared/domain/cited-law.ts';
import { HANDOVER_MODES, type HandoverMode } from '../../shared/domain/closing-records.ts';
import { describeTerm, PERMANENT, parseTerm } from '../../shared/domain/period.ts';
import { addCommand, type Execute, idOption, parseId } from '../command.ts';
import { count, facts, instant, lines, size } from '../render.ts';

interface ConfirmOptions {
  readonly restore: string;
  readonly recipient: string;
  readonly mode: HandoverMode;
  readonly reference?: string;
}

/** `hand-over show`, `hand-over confirm`. */
export function addHandOverCommands(program: Command, execute: Execute): void {
  const handOver = program
    .command('hand-over')
    .description('Give the records of a closed vault to the client, and have it confirmed.');

  addCommand(handOver, {
    name: 'show',
    says: 'Show the handover list of a vault that was closed to be handed over.',
    example: 'holdfast hand-over show 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .argument('<vault>', 'which vault', parseId)
    .action(async (vaultId: string, _options: object, command: Command) =>
      execute(command, async ({ call }) => {
        const list = await call('listHandover', { params: { vaultId } });
        return { json: list, text: describeList(list) };
      }),
    );

  addCommand(handOver, {
    name: 'confirm',
    says:
      'Confirm, as another person than who closed the vault and who restored it, that the client ' +
      'has the records, whole and usable. What remains here is then to be erased; somebody ' +
      'approves that as always.',
    example:
      'holdfast hand-over confirm 01KB1T8R9ZJ4Y6V3N5M2X9W0RC ' +
      '--restore 01KB1TCW3ZJ4Y6V3N5M2X9W0RC --recipient "Lotus Trading Ltd, the director"',
  })
    .argument('<vault>', 'which vault', parseId)
    .addOption(idOption('--restore <restore>', 'the restore by which they were given over'))
    .requiredOption('--recipient <name>', 'who received them; kept in the ledger')
    .addOption(
      new Option(
        '--mode <mode>',
        'return: to the client; succession: to whom its affairs passed; provide: to another ' +
          'handler; portability: on the request of a person',
      )
        .choices(HANDOVER_MODES)
        .default('return'),
    )
    .option(
      '--reference <reference>',
      'your own number of the notice, the consent or the request; for every mode but return',
    )
    .action(
      async (
        vaultId: string,
        { restore: restoreId, recipient, mode, reference }: ConfirmOptions,
        command: Command,
      ) =>
        execute(command, async ({ call }) => {
          const params = { vaultId };
          const confirmed = await call('confirmHandover', {
            params,
            body: { restoreId, recipient, mode, ...(reference === undefined ? {} : { reference }) },
          });
          const text = facts([
            ['vault', vaultId],
            ['restore', confirmed.restoreId],
            ['recipient', confirmed.recipient],
            ['confirmed', `${instant(confirmed.confirmedAt)} by ${confirmed.confirmedBy}`],
          ]);
          const next = lines(
            `Its erasure waits for approval: holdfast erase status --vault ${vaultId}`,
          );
          return { json: confirmed, text: text + next };
        }),
    );
}

function describeList(list: HandoverList): string {
  const { handover, duties } = list;
  const kept = duties.flatMap(({ lastDayKept, elapsed, period, basis, ...graded }) => {
    const until = lastDayKept === null ? 'for ever' : `until ${lastDayKept}`;
    const term = describeTerm(parseTerm(period) ?? PERMANENT);
    return [
      ['to be kept', `${marked(term, graded)}, ${until}: ${listCited(basis)}`],
      ...(elapsed === null ? [] : [['  elapsed', describeTerm(elapsed)]]),
    ] as [string, string][];
  });
  return facts([
    ['vault', list.vaultId],
    ['client', `${list.clientReference} ${list.clientName}`],
    ['papers', `${list.recordClass}: ${list.title}`],
    ['records', `${count(list.records, 'record')}, ${size(list.bytes)}`],
    ['backed up', `from ${list.openedOn} to ${list.lastSnapshot}`],
    ['first year', 'as the records themselves show'],
    ...(duties.length === 0 ? [['to be kept', 'no statutory period'] as const] : kept),
    ['counted from', list.event],
    ['snapshot', list.finalSnapshotId],
    ['seal SHA-256', list.sealSha256],
    [
      'confirmed',
      handover === null ? 'no' : `${instant(handover.confirmedAt)} by ${handover.confirmedBy}`,
    ],
    ...(handover === null
      ? []
      : ([
          ['recipient', handover.recipient],
          ['mode', [handover.mode, handover.reference ?? ''].join(' ').trimEnd()],
        ] as const)),
  ]);
}
