import type { Command } from 'commander';
import type { HoldAnswer } from '../../shared/admin-api/answers.ts';
import { addCommand, type Execute, idOption } from '../command.ts';
import { facts, instant, lines, table } from '../render.ts';

/** `hold place`, `hold list`, `hold release`. */
export function addHoldCommands(program: Command, execute: Execute): void {
  const hold = program
    .command('hold')
    .description('Place and release legal holds: a held vault cannot be erased.');

  addCommand(hold, {
    name: 'place',
    says: 'Put a vault under a legal hold. An erasure under way is cancelled.',
    example:
      'holdfast hold place --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --reason "tax audit" ' +
      '--reference 2026-118',
  })
    .addOption(idOption('--vault <vault>', 'what to hold'))
    .requiredOption('--reason <reason>', 'why; kept in the ledger')
    .requiredOption('--reference <reference>', 'case number or similar')
    .action(
      async (options: { vault: string; reason: string; reference: string }, command: Command) =>
        execute(command, async ({ call }) => {
          const { vault, reason, reference } = options;
          const params = { vaultId: vault };
          const placed = await call('placeHold', { params, body: { reason, reference } });
          const next = lines(
            'Lift it as another person: ' +
              `holdfast hold release --vault ${vault} --hold ${placed.holdId}`,
          );
          return { json: placed, text: describeHold(placed) + next };
        }),
    );

  addCommand(hold, {
    name: 'list',
    says: 'List all holds a vault ever had.',
    example: 'holdfast hold list --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'whose holds'))
    .action(async ({ vault }: { vault: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('listHolds', { params: { vaultId: vault } });
        const rows = answer.holds.map((each) => [
          each.holdId,
          instant(each.placedAt),
          instant(each.releasedAt),
          each.reference,
          each.reason,
        ]);
        const header = ['HOLD', 'PLACED', 'RELEASED', 'REFERENCE', 'REASON'];
        return { json: answer, text: table(header, rows, 'No holds.') };
      }),
    );

  addCommand(hold, {
    name: 'release',
    says: 'Lift a hold that someone else placed.',
    example:
      'holdfast hold release --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC ' +
      '--hold 01KB1TAT1ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'whose hold'))
    .addOption(idOption('--hold <hold>', 'which hold'))
    .action(async ({ vault, hold: holdId }: { vault: string; hold: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const params = { vaultId: vault, holdId };
        const released = await call('releaseHold', { params, body: {} });
        return { json: released, text: describeHold(released) };
      }),
    );
}

function describeHold(hold: HoldAnswer): string {
  return facts([
    ['hold', hold.holdId],
    ['vault', hold.vaultId],
    ['reference', hold.reference],
    ['reason', hold.reason],
    ['placed', `${instant(hold.placedAt)} by ${hold.placedBy}`],
    [
      'released',
      hold.releasedAt === null ? 'no' : `${instant(hold.releasedAt)} by ${hold.releasedBy}`,
    ],
  ]);
}
