import type { Command } from 'commander';
import type { AuditPage } from '../../shared/admin-api/answers.ts';
import { PAGE_LIMIT } from '../../shared/admin-api/route-inputs.ts';
import { CliError } from '../cli-error.ts';
import { addCommand, type Execute, idOption, parseNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { instant, lines, table } from '../render.ts';

interface ShowOptions {
  readonly vault: string;
  readonly limit: number;
  readonly after: number;
}

/** `audit show`. */
export function addAuditCommands(program: Command, execute: Execute): void {
  const audit = program.command('audit').description('Look at who did what to a vault.');

  addCommand(audit, {
    name: 'show',
    says: "Check a vault's audit chain and show its entries, oldest first.",
    example: 'holdfast audit show --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'whose audit chain'))
    .option(
      '--limit <number>',
      'most entries to show',
      parseNumber(1, PAGE_LIMIT.most),
      PAGE_LIMIT.default,
    )
    .option(
      '--after <number>',
      'show those after this entry',
      parseNumber(0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .action(async ({ vault, limit, after }: ShowOptions, command: Command) =>
      execute(command, async ({ call }) => {
        const page = await call('showAudit', {
          params: { vaultId: vault },
          query: { limit, after },
        });
        const outcome = { json: page, text: describePage(page) };
        return page.chain.whole ? outcome : { ...outcome, failure: broken(page) };
      }),
    );
}

function describePage(page: AuditPage): string {
  const rows = page.entries.map((entry) => [
    String(entry.sequence),
    instant(entry.at),
    entry.action,
    entry.actor,
    Object.entries(entry.details)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ]);
  const listed = table(['ENTRY', 'AT', 'ACTION', 'BY', 'DETAILS'], rows, 'No entries.');
  const more = page.next === null ? [] : [`More: add "--after ${page.next}".`];
  const { chain } = page;
  const checked = chain.whole
    ? `The chain is whole: ${chain.entries} entries.`
    : `The chain is broken at entry ${chain.brokenAt}.`;
  return listed + lines(...more, checked);
}

function broken({ chain }: AuditPage): CliError {
  return new CliError({
    code: 'AUDIT_BROKEN',
    message: `The audit chain is broken at entry ${chain.brokenAt}.`,
    next: 'Find out who could write to the ledger; its point-in-time recovery has older states.',
    exitCode: EXIT.damaged,
  });
}
