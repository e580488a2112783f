import type { Command } from 'commander';
import type { Answers, PolicyAnswer, VaultSummary } from '../../shared/admin-api/answers.ts';
import { HoldfastError, isFault } from '../../shared/domain/errors.ts';
import { diffPolicies } from '../../shared/domain/policy-diff.ts';
import { describeReach } from '../../shared/domain/policy-locks.ts';
import { CliError, usageError } from '../cli-error.ts';
import {
  addCommand,
  type Cli,
  type Execute,
  type Outcome,
  parseId,
  parseNumber,
} from '../command.ts';
import { endOf } from '../describe-closing.ts';
import { describeDiff, readPolicyFile } from '../describe-policy.ts';
import { afterErasureLines, describeYears, estimateVault } from '../estimate-vault.ts';
import { EXIT } from '../exit-codes.ts';
import { count, facts, instant, lines, table } from '../render.ts';
import { usableVersion } from '../usable-version.ts';

const parseVersion = parseNumber(1, 1_000_000);

interface AssignOptions {
  readonly policyVersion?: number;
  readonly vault?: string;
  readonly all?: true;
  readonly dryRun?: true;
}

/** `policy add`, `policy approve`, `policy assign`. */
export function addPolicyChangeCommands(policy: Command, execute: Execute): void {
  addCommand(policy, {
    name: 'add',
    says: 'Add a version of a policy. No vault changes until it is assigned.',
    example: 'holdfast policy add engagement-10y-v2.json',
  })
    .argument('<file>', 'the document, JSON; docs/retention.md describes its fields')
    .action(async (file: string, _options: object, command: Command) =>
      execute(command, async ({ call }) => {
        const { policy: read, document } = await readPolicyFile(file);
        const added = await call('addPolicy', { params: {}, body: { document } });
        const about = `${added.policyId} --policy-version ${added.version}`;
        const next =
          added.approval === 'awaited'
            ? [
                ...whatCannotBeUndone(read),
                `Next, as another person: holdfast policy approve ${about}`,
              ]
            : [`Next: holdfast policy assign ${about} --vault ID`];
        return { json: added, text: facts(versionFacts(added)) + lines(...next) };
      }),
    );

  addCommand(policy, {
    name: 'approve',
    says: 'Approve, as a second person, a version that locks for more than a year.',
    example: 'holdfast policy approve engagement-10y --policy-version 2 --confirm',
  })
    .argument('<policy>', 'one of "policy list"')
    .requiredOption('--policy-version <number>', 'which version', parseVersion)
    .option('--confirm', 'approve it; without this it is only shown')
    .action(
      async (
        policyId: string,
        { policyVersion, confirm }: { policyVersion: number; confirm?: true },
        command: Command,
      ) => execute(command, async (cli) => approve(cli, policyId, policyVersion, confirm)),
    );

  addCommand(policy, {
    name: 'assign',
    says: 'Give a vault, or all vaults of a policy, a version. Decides from the next snapshot on.',
    example: 'holdfast policy assign engagement-10y --policy-version 2 --all --dry-run',
  })
    .argument('<policy>', 'one of "policy list"')
    .option(
      '--policy-version <number>',
      'which version (default: the newest that is approved)',
      parseVersion,
    )
    .option('--vault <vault>', 'the vault that gets it, whatever policy it has', parseId)
    .option('--all', 'every vault that has another version of this policy')
    .option('--dry-run', 'only show what would change')
    .action(async (policyId: string, options: AssignOptions, command: Command) =>
      execute(command, async (cli) => assign(cli, policyId, options)),
    );
}

async function approve(
  { call }: Pick<Cli, 'call'>,
  policyId: string,
  version: number,
  confirmed: true | undefined,
): Promise<Outcome> {
  const params = { policyId };
  const shown = await call('showPolicy', { params, query: { version } });
  const warnings = lines(...whatCannotBeUndone(shown.policy), ...costOf(shown));
  if (confirmed === undefined) {
    const text = warnings + lines('Nothing was approved. To approve it, add "--confirm".');
    return { json: shown, text };
  }
  const approved = await call('approvePolicy', { params, body: { version } });
  return { json: approved, text: facts(versionFacts(approved)) + warnings };
}

async function assign(
  cli: Cli,
  policyId: string,
  { policyVersion: version, vault, all, dryRun }: AssignOptions,
): Promise<Outcome> {
  if ((vault === undefined) === (all === undefined)) {
    throw usageError('Name either one vault with --vault, or all of the policy with --all.');
  }
  const query = await usableVersion(cli, policyId, version);
  const shown = await cli.call('showPolicy', { params: { policyId }, query });
  const target = shown.policy;
  const chosen = vault === undefined ? vaultsOf(cli, policyId) : [await summaryOf(cli, vault)];
  const changed: VaultSummary[] = [];
  for await (const each of chosen) {
    const isSame = each.policyId === policyId && each.policyVersion === target.version;
    if (isSame || (all && isLeaving(each))) {
      continue;
    }
    const params = { vaultId: each.vaultId };
    const body = { policyId, version: target.version };
    const assigned = dryRun ? each : await cli.call('assignPolicy', { params, body });
    changed.push({ ...assigned, policyId: each.policyId, policyVersion: each.policyVersion });
  }
  const described = await describeAssignment(cli, changed, target, dryRun);
  if (!dryRun || shown.added?.approval !== 'awaited') {
    return described;
  }
  const refused = new HoldfastError('POLICY_NOT_APPROVED', { policyId, version: target.version });
  const { code, message, next } = refused;
  const failure = new CliError({ code, message, next, exitCode: EXIT.refused });
  return { ...described, failure };
}

/** What is erased, or about to be, takes no policy. */
function isLeaving({ state }: VaultSummary): boolean {
  return state === 'ERASED' || state === 'ERASE_PENDING';
}

async function summaryOf({ call }: Pick<Cli, 'call'>, vaultId: string): Promise<VaultSummary> {
  const { holds, ...vault } = await call('showVault', { params: { vaultId } });
  return { ...vault, holds: holds.length };
}

async function* vaultsOf(
  { call }: Pick<Cli, 'call'>,
  policyId: string,
): AsyncGenerator<VaultSummary> {
  let after: string | null = null;
  do {
    const query: { limit: number; after?: string } = { limit: 1000 };
    if (after !== null) {
      query.after = after;
    }
    const page: Answers['listClients'] = await call('listClients', { params: {}, query });
    for (const { clientId } of page.clients) {
      const { vaults } = await call('listVaults', { params: { clientId } });
      yield* vaults.filter((vault) => vault.policyId === policyId);
    }
    after = page.next;
  } while (after !== null);
}

/** @param changed - the vaults as they were before. */
async function describeAssignment(
  { call }: Pick<Cli, 'call'>,
  changed: readonly VaultSummary[],
  target: PolicyAnswer['policy'],
  dryRun: true | undefined,
): Promise<Outcome> {
  const pins = new Map(changed.map((vault) => [`${vault.policyId} ${vault.policyVersion}`, vault]));
  let text = '';
  for (const { policyId, policyVersion } of pins.values()) {
    const input = { params: { policyId }, query: { version: policyVersion } };
    const { policy } = await call('showPolicy', input);
    text += lines(`From ${policyId}, version ${policyVersion}:`);
    text += describeDiff(diffPolicies(policy, target));
  }
  const rows = changed.map(({ vaultId, policyId, policyVersion, state }) => [
    ...[vaultId, state, `${policyId} ${policyVersion}`, `${target.id} ${target.version}`],
  ]);
  const vaults = table(['VAULT', 'STATE', 'BEFORE', 'NOW'], rows, 'No vault changes.');
  const retained = changed.filter(({ closing }) => closing?.disposition === 'retain');
  const recounted = retained.map(({ vaultId, closing }) =>
    dryRun
      ? `Vault ${vaultId} is retained${endOf(closing)}: that would be counted anew.`
      : `Vault ${vaultId} is retained${endOf(closing)}.`,
  );
  const done = dryRun ? 'would change' : 'changed';
  const json = {
    policyId: target.id,
    version: target.version,
    dryRun: dryRun === true,
    vaults: changed.map(({ vaultId, policyId, policyVersion }) => ({
      vaultId,
      before: { policyId, policyVersion },
    })),
  };
  const summary = lines(`${count(changed.length, 'vault')} ${done}.`, ...recounted);
  return { json, text: text + vaults + summary };
}

/** @returns how a version came to be. */
export function versionFacts(added: Answers['addPolicy']): [string, string][] {
  const approval = {
    'not-needed': 'not needed: no lock reaches further than a year',
    awaited: 'awaited: a second person must approve it',
    given: `given ${instant(added.approvedAt)} by ${added.approvedBy}`,
  };
  return [
    ['policy', `${added.policyId}, version ${added.version}`],
    ['added', `${instant(added.createdAt)} by ${added.createdBy}`],
    ['approval', approval[added.approval]],
  ];
}

/** What a tebibyte under a policy costs; vaults differ, so that each is a question of its own. */
const EXAMPLE = { records: 1_000_000, bytes: 1024 ** 4, dailyChange: 0.01 };

function costOf({ policy, installation }: PolicyAnswer): string[] {
  try {
    const estimate = estimateVault(policy, installation, EXAMPLE);
    const { currency, first, monthly, total, afterErasure } = estimate;
    const [once, each, all] = [first, monthly, total].map((amount) => amount.toFixed(2));
    return [
      `A TiB in a million records, 1 % changed a day: ${currency} ${once} at first, ${each} a ` +
        `month, ${all} in ${describeYears(estimate)}.`,
      ...afterErasureLines(afterErasure, currency),
      'For a vault that exists: holdfast vault estimate --vault ID ' +
        `--policy ${policy.id} --policy-version ${policy.version}`,
    ];
  } catch (error) {
    if (isFault(error, 'PRICES_UNKNOWN', 'CURRENCIES_DIFFER')) {
      return [`What it costs is not known: ${error.message} ${error.next}`];
    }
    throw error;
  }
}

function whatCannotBeUndone(policy: PolicyAnswer['policy']): string[] {
  return [
    `Its locks reach up to ${describeReach(policy)} ahead. Once written, nobody can shorten them:`,
    'not Holdfast, not AWS, not the owner of the account. After an erasure the unreadable',
    'ciphertext stays, and is paid for, until they end.',
  ];
}
