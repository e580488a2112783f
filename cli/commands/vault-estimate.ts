import { type Command, InvalidArgumentError, Option } from 'commander';
import type { VaultSummary } from '../../shared/admin-api/answers.ts';
import type { InstallationAnswer } from '../../shared/admin-api/installation-answer.ts';
import { isFault } from '../../shared/domain/errors.ts';
import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import type { PriceList } from '../../shared/domain/price-list.ts';
import { usageError } from '../cli-error.ts';
import { addCommand, type Cli, type Execute, parseId, parseNumber } from '../command.ts';
import {
  describeEstimate,
  describeYears,
  estimateVault,
  readPriceFile,
  type ShownEstimate,
  sizeOfSnapshots,
} from '../estimate-vault.ts';
import { parseS3Location } from '../parse-location.ts';
import { lines } from '../render.ts';
import { usableVersion } from '../usable-version.ts';

/** Taken when nothing says how much changes in a day. */
const DEFAULT_DAILY_CHANGE = 0.01;

/** Records that are counted while a vault is opened: twenty pages of a listing. */
const MOST_AT_ONCE = 20_000;

interface EstimateOptions {
  readonly policy?: string;
  readonly policyVersion?: number;
  readonly vault?: string;
  readonly tier?: KeyTier;
  readonly source?: string;
  readonly region?: string;
  readonly records?: number;
  readonly bytes?: number;
  readonly dailyChange?: number;
  readonly years?: number;
  readonly prices?: string;
}

/** `vault estimate`. */
export function addEstimateCommand(vault: Command, execute: Execute): void {
  const number = parseNumber(0, Number.MAX_SAFE_INTEGER);
  addCommand(vault, {
    name: 'estimate',
    says: 'Say what a vault will cost, both copies together, before or after it is opened.',
    example: 'holdfast vault estimate --policy engagement-10y --records 50000 --bytes 20000000000',
  })
    .option('--policy <policy>', 'one of "policy list" (default: that of --vault)')
    .option(
      '--policy-version <number>',
      'which version (default: the newest that is approved)',
      number,
    )
    .option('--vault <vault>', 'measure by the snapshots of this vault', parseId)
    .addOption(
      new Option(
        '--tier <tier>',
        'how its keys are kept (default: as those of --vault, or dedicated)',
      ).choices(KEY_TIERS),
    )
    .option('--source <location>', 'measure by listing s3://bucket/prefix/ from here')
    .option('--region <region>', "the source's Region (default: the primary Region)")
    .option('--records <number>', 'number of records', number)
    .option('--bytes <number>', 'their bytes', number)
    .option(
      '--daily-change <percent>',
      'share of the bytes that changes in a day (default: as measured, or 1)',
      parsePercent,
    )
    .option(
      '--years <number>',
      'for how long (default: as the law asks, or 10)',
      parseNumber(1, 100),
    )
    .option('--prices <file>', 'prices by Region, JSON; docs/operations.md shows one')
    .action(async (options: EstimateOptions, command: Command) =>
      execute(command, async (cli) => {
        const estimate = await estimateFor(cli, options);
        return { json: estimate, text: describeEstimate(estimate) };
      }),
    );
}

async function estimateFor(cli: Cli, options: EstimateOptions): Promise<ShownEstimate> {
  const { policy: named, policyVersion, vault, tier, years, prices } = options;
  const held = vault === undefined ? undefined : await pinOf(cli, vault);
  const policyId = named ?? held?.policyId;
  if (policyId === undefined) {
    throw usageError('Name a policy with --policy, or a vault with --vault.');
  }
  const version = policyVersion ?? (named === undefined ? held?.policyVersion : undefined);
  const query = await usableVersion(cli, policyId, version);
  const { policy, installation } = await cli.call('showPolicy', { params: { policyId }, query });
  const measured = await measure(cli, options, installation);
  const source = { dailyChange: DEFAULT_DAILY_CHANGE, ...measured, ...changeOf(options) };
  return estimateVault(policy, installation, source, {
    tier: tier ?? held?.tier ?? 'dedicated',
    ...(years === undefined ? {} : { years }),
    ...(prices === undefined ? {} : { list: await readPriceFile(prices) }),
  });
}

async function pinOf({ call }: Pick<Cli, 'call'>, vaultId: string) {
  const { policyId, policyVersion, tier } = await call('showVault', { params: { vaultId } });
  return { policyId, policyVersion, tier };
}

function changeOf({ dailyChange }: EstimateOptions): { dailyChange?: number } {
  return dailyChange === undefined ? {} : { dailyChange };
}

/** @throws CliError `USAGE` when nothing says how large the source is. */
async function measure(
  cli: Cli,
  { records, bytes, vault, source, region }: EstimateOptions,
  { regions }: InstallationAnswer,
): Promise<{ records: number; bytes: number; dailyChange?: number }> {
  if (records !== undefined && bytes !== undefined) {
    return { records, bytes };
  }
  if (source !== undefined) {
    const location = parseS3Location(source, '--source');
    const where = { ...location, region: region ?? regions.primary };
    const listed = await cli.measureSource(where, Number.POSITIVE_INFINITY);
    return { records: listed.records, bytes: listed.bytes };
  }
  const params = vault === undefined ? undefined : { vaultId: vault };
  const answer = params && (await cli.call('listSnapshots', { params }));
  const measured = answer && sizeOfSnapshots(answer.snapshots);
  if (measured === undefined) {
    throw usageError(
      'Nothing says how large the source is.',
      'Give --records and --bytes, or --source, or --vault with a vault that has a snapshot.',
    );
  }
  return measured;
}

/** What a vault that was just opened will cost, or why that is not known. */
type OpenedEstimate =
  | { readonly estimate: ShownEstimate; readonly whole: boolean }
  | { readonly unknown: string };

/**
 * Estimates a vault that was just opened, as far as its source can be listed from here in a moment.
 * @param list - prices of one's own. @default those that come with Holdfast
 * @returns `null` when it cannot: opening a vault does not fail by it.
 */
export async function estimateOpened(
  cli: Cli,
  { policyId, policyVersion, source, tier }: VaultSummary,
  list: PriceList | undefined,
): Promise<OpenedEstimate | null> {
  if (source.kind === 'folder') {
    return null;
  }
  try {
    const { records, bytes, whole } = await cli.measureSource(source, MOST_AT_ONCE);
    const query = { version: policyVersion };
    const shown = await cli.call('showPolicy', { params: { policyId }, query });
    const size = { records, bytes, dailyChange: DEFAULT_DAILY_CHANGE };
    const options = { tier, ...(list && { list }) };
    return { estimate: estimateVault(shown.policy, shown.installation, size, options), whole };
  } catch (error) {
    // The vault is open by now: whatever happened, it must not look as if it were not.
    return isFault(error, 'PRICES_UNKNOWN', 'CURRENCIES_DIFFER')
      ? { unknown: `${error.message} ${error.next}` }
      : null;
  }
}

/** @returns an estimate in a few lines, for where a vault was just opened. */
export function summarizeOpened(opened: Awaited<ReturnType<typeof estimateOpened>>): string {
  if (opened === null) {
    return lines('Estimate: the source could not be measured from here; see "vault estimate".');
  }
  if ('unknown' in opened) {
    return lines(`Estimate: ${opened.unknown}`);
  }
  const { estimate, whole } = opened;
  const [first, monthly, total] = [estimate.first, estimate.monthly, estimate.total].map((amount) =>
    amount.toFixed(2),
  );
  const least = whole ? '' : `; the source has more than ${MOST_AT_ONCE} records, so at least`;
  return lines(
    `Estimate with 1 % changed a day${least}: ${estimate.currency} ${first} at first, ` +
      `${monthly} a month, ${total} in ${describeYears(estimate)}. "vault estimate" says for what.`,
  );
}

/** @throws InvalidArgumentError unless it is a percentage. @returns it as a share. */
function parsePercent(text: string): number {
  const percent = Number(text);
  if (text.trim() === '' || !(percent >= 0 && percent <= 100)) {
    throw new InvalidArgumentError('It must be a number from 0 to 100.');
  }
  return percent / 100;
}
