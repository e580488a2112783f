import type { Command } from 'commander';
import type { AuditPage } from '../../shared/admin-api/answers.ts';
import { PAGE_LIMIT } from '../../shared/admin-api/route-inputs.ts';
import { verifyBundle } from '../../shared/audit/verify-bundle.ts';
import { verifyChain } from '../../shared/audit/verify-chain.ts';
import {
  type AuditBundle,
  auditBundleText,
  parseAuditBundle,
} from '../../shared/format/audit-bundle.ts';
import { auditBroken, bundleOutcome, gatherBundle, openChain } from '../audit-bundle.ts';
import { addChainOptions, type ChainChoice, chosenChain, requireChain } from '../chain-choice.ts';
import { usageError } from '../cli-error.ts';
import { addCommand, type Execute, parseDate, parseNumber } from '../command.ts';
import { instant, lines, table } from '../render.ts';
import { readBytes, readText, writeText } from '../text-files.ts';

interface ShowOptions extends ChainChoice {
  readonly limit: number;
  readonly after: number;
  readonly wide?: boolean;
}

/** `audit show`, `audit verify`, `audit export`, `audit stamp`. */
export function addAuditCommands(program: Command, execute: Execute): void {
  const audit = program
    .command('audit')
    .description('Look at who did what to a vault, a client or the installation.');

  addChainOptions(
    addCommand(audit, {
      name: 'show',
      says: 'Show the entries of an audit chain, oldest first, and check those it shows.',
      example: 'holdfast audit show --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
    }),
  )
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
    .option('--wide', 'also show which request to the API, or run of a function, did it')
    .action(async ({ limit, after, wide = false, ...choice }: ShowOptions, command: Command) =>
      execute(command, async ({ call }) => {
        const page = await call('showAudit', {
          params: { chainId: requireChain(choice) },
          query: { limit, after },
        });
        const outcome = { json: page, text: describePage(page, wide) };
        return page.chain.whole
          ? outcome
          : { ...outcome, failure: auditBroken(checked(page), 'ledger') };
      }),
    );
  addVerify(audit, execute);
  addExport(audit, execute);
  addStamp(audit, execute);
}

function describePage(page: AuditPage, isWide: boolean): string {
  const rows = page.entries.map((entry) => [
    String(entry.sequence),
    instant(entry.at),
    ...(isWide ? [entry.requestId ?? '-'] : []),
    entry.action,
    entry.actor,
    entry.reason === null ? entry.result : `${entry.result}: ${entry.reason}`,
    Object.entries(entry.details)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ]);
  const request = isWide ? ['REQUEST'] : [];
  const header = ['ENTRY', 'AT', ...request, 'ACTION', 'BY', 'RESULT', 'DETAILS'];
  const listed = table(header, rows, 'No entries.');
  const more = page.next === null ? [] : [`More: add "--after ${page.next}".`];
  return listed + lines(...more, checked(page));
}

function checked({ chain, entries }: AuditPage): string {
  if (!chain.whole) {
    return `The audit chain is broken at entry ${chain.brokenAt} (${chain.problem}).`;
  }
  return entries.length === chain.entries
    ? `The chain is whole: ${entriesOf(chain.entries)}.`
    : `What is shown is whole; "audit verify" checks all ${entriesOf(chain.entries)}.`;
}

function entriesOf(number: number): string {
  return number === 1 ? '1 entry' : `${number} entries`;
}

interface VerifyOptions extends ChainChoice {
  readonly key?: string;
}

function addVerify(audit: Command, execute: Execute): void {
  addChainOptions(
    addCommand(audit, {
      name: 'verify',
      says:
        'Check every entry of an audit chain, and that it is the chain that was signed: in an ' +
        'exported file, offline, or as the ledger has it now.',
      example: 'holdfast audit verify audit.json --key public.pem',
    }).argument('[file]', 'what "audit export" has written'),
  )
    .option('--key <file>', 'public key in PEM, from the firm that exported the file')
    .action(async (file: string | undefined, options: VerifyOptions, command: Command) =>
      execute(command, async (cli) => {
        if (file !== undefined && chosenChain(options) !== undefined) {
          throw usageError('Name a file, or a chain of the ledger, not both.');
        }
        const given = options.key === undefined ? undefined : await readText(options.key);
        if (file === undefined) {
          const chain = await openChain(cli, requireChain(options));
          const { publicKey } = await cli.call('showSigningKey', { params: {} });
          return bundleOutcome(await verifyChain(chain, given ?? publicKey), 'ledger');
        }
        const bundle = readBundle(file, await readText(file));
        const verified = await verifyBundle(bundle, given ?? bundle.publicKey);
        return bundleOutcome(verified, 'file', given === undefined);
      }),
    );
}

interface ExportOptions extends ChainChoice {
  readonly output: string;
  readonly date?: string;
}

function addExport(audit: Command, execute: Execute): void {
  addChainOptions(
    addCommand(audit, {
      name: 'export',
      says:
        'Write one signed file with which an auditor can check an audit chain offline: all ' +
        'entries, the signed checkpoint, and the proof that the chain is under it.',
      example: 'holdfast audit export --installation --output audit.json',
    }),
  )
    .requiredOption('--output <file>', 'the file to write')
    .option(
      '--date <day>',
      'with the last checkpoint up to that day (default: the last one)',
      parseDate,
    )
    .action(async ({ output, date, ...choice }: ExportOptions, command: Command) =>
      execute(command, async (cli) => {
        const bundle = await gatherBundle(cli, requireChain(choice), date);
        const outcome = bundleOutcome(await verifyBundle(bundle, bundle.publicKey), 'ledger');
        await writeText(output, auditBundleText(bundle));
        return { ...outcome, text: outcome.text + lines(`Written: ${output}`) };
      }),
    );
}

function addStamp(audit: Command, execute: Execute): void {
  addCommand(audit, {
    name: 'stamp',
    says:
      'Put into an exported file what a time stamp authority has answered for its checkpoint ' +
      '(RFC 3161). It must be a stamp of that checkpoint; whose it is, "openssl ts -verify" tells.',
    example: 'holdfast audit stamp audit.json --answer stamp.tsr',
  })
    .argument('<file>', 'what "audit export" has written')
    .requiredOption('--answer <file>', 'the answer of the authority, DER')
    .action(async (file: string, { answer }: { answer: string }, command: Command) =>
      execute(command, async () => {
        const { checkpoint, ...bundle } = readBundle(file, await readText(file));
        if (checkpoint === null) {
          throw usageError(`${file} has no checkpoint yet.`, 'Export it again tomorrow.');
        }
        const timestampToken = (await readBytes(answer)).toString('base64');
        const stamped = { ...bundle, checkpoint: { ...checkpoint, timestampToken } };
        const verified = await verifyBundle(stamped, bundle.publicKey);
        if (!verified.stamped) {
          const next = 'Stamp the bytes of "checkpoint.jws" in the file, with SHA-256.';
          throw usageError(`${answer} is no time stamp of the checkpoint in ${file}.`, next);
        }
        await writeText(file, auditBundleText(stamped));
        return bundleOutcome(verified, 'file', true);
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
