import type { Command } from 'commander';
import type { AuditPage } from '../../shared/admin-api/answers.ts';
import { PAGE_LIMIT } from '../../shared/admin-api/route-inputs.ts';
import { verifyBundle } from '../../shared/audit/verify-bundle.ts';
import {
  type AuditBundle,
  auditBundleText,
  parseAuditBundle,
} from '../../shared/format/audit-bundle.ts';
import { auditBroken, bundleOutcome, gatherBundle } from '../audit-bundle.ts';
import { usageError } from '../cli-error.ts';
import { addCommand, type Execute, idOption, parseId, parseNumber } from '../command.ts';
import { instant, lines, table } from '../render.ts';
import { readText, writeText } from '../text-files.ts';

interface ShowOptions {
  readonly vault: string;
  readonly limit: number;
  readonly after: number;
}

/** `audit show`, `audit verify`, `audit export`. */
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
        return page.chain.whole ? outcome : { ...outcome, failure: auditBroken(checked(page)) };
      }),
    );
  addVerify(audit, execute);
  addExport(audit, execute);
}

function describePage(page: AuditPage): string {
  const rows = page.entries.map((entry) => [
    String(entry.sequence),
    instant(entry.at),
    entry.action,
    entry.actor,
    entry.reason === null ? entry.result : `${entry.result}: ${entry.reason}`,
    Object.entries(entry.details)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ]);
  const listed = table(['ENTRY', 'AT', 'ACTION', 'BY', 'RESULT', 'DETAILS'], rows, 'No entries.');
  const more = page.next === null ? [] : [`More: add "--after ${page.next}".`];
  return listed + lines(...more, checked(page));
}

function checked({ chain }: AuditPage): string {
  return chain.whole
    ? `The chain is whole: ${chain.entries} entries.`
    : `The audit chain is broken at entry ${chain.brokenAt} (${chain.problem}).`;
}

interface VerifyOptions {
  readonly vault?: string;
  readonly key?: string;
}

function addVerify(audit: Command, execute: Execute): void {
  addCommand(audit, {
    name: 'verify',
    says:
      "Check every entry of a vault's audit chain, and that it is the chain that was signed: in " +
      'an exported file, offline, or as the ledger has it now.',
    example: 'holdfast audit verify audit.json --key public.pem',
  })
    .argument('[file]', 'what "audit export" has written')
    .option('--vault <vault>', 'the vault whose chain the ledger has', parseId)
    .option('--key <file>', 'public key in PEM, from the firm that exported the file')
    .action(async (file: string | undefined, options: VerifyOptions, command: Command) =>
      execute(command, async (cli) => {
        if ((file === undefined) === (options.vault === undefined)) {
          throw usageError('Name a file or "--vault", one of them.');
        }
        const bundle =
          file === undefined
            ? await gatherBundle(cli, options.vault ?? '')
            : readBundle(file, await readText(file));
        const key = options.key === undefined ? bundle.publicKey : await readText(options.key);
        const isOwnKey = file !== undefined && options.key === undefined;
        return bundleOutcome(await verifyBundle(bundle, key), isOwnKey);
      }),
    );
}

function addExport(audit: Command, execute: Execute): void {
  addCommand(audit, {
    name: 'export',
    says:
      'Write one file with which an auditor can check the audit chain of a vault offline: all ' +
      'entries, the signed checkpoint, and the proof that the chain is under it.',
    example: 'holdfast audit export --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --output audit.json',
  })
    .addOption(idOption('--vault <vault>', 'whose audit chain'))
    .requiredOption('--output <file>', 'the file to write')
    .action(async ({ vault, output }: { vault: string; output: string }, command: Command) =>
      execute(command, async (cli) => {
        const bundle = await gatherBundle(cli, vault);
        const outcome = bundleOutcome(await verifyBundle(bundle, bundle.publicKey), false);
        await writeText(output, auditBundleText(bundle));
        return { ...outcome, text: outcome.text + lines(`Written: ${output}`) };
      }),
    );
}

function readBundle(file: string, text: string): AuditBundle {
  const bundle = parseAuditBundle(text);
  if (bundle === undefined) {
    throw usageError(`${file} is no audit bundle.`, 'See "audit export".');
  }
  return bundle;
}
