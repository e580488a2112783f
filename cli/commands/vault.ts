import { type Command, Option } from 'commander';
import type { VaultAnswer, VaultSummary } from '../../shared/admin-api/answers.ts';
import type { AddVaultBody } from '../../shared/admin-api/messages.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { addCommand, type Execute, idOption, parseId, parseNumber } from '../command.ts';
import { describeReview, ruleLines } from '../describe-rule.ts';
import { readPriceFile } from '../estimate-vault.ts';
import { parseS3Location } from '../parse-location.ts';
import { count, facts, instant, lines, size, table } from '../render.ts';
import { addMoveCommand, describeMove } from './move-vault.ts';
import { addSweepCommand } from './sweep.ts';
import { addEstimateCommand, estimateOpened, summarizeOpened } from './vault-estimate.ts';

const parseVersion = parseNumber(1, 1_000_000);

interface AddOptions {
  readonly prices?: string;
  readonly client: string;
  readonly class: string;
  readonly policy: string;
  readonly policyVersion?: number;
  readonly tier?: KeyTier;
  readonly source: string;
  readonly region?: string;
}

/** `vault add`, `vault estimate`, `vault list`, `vault show`, `vault sweep`, `vault move`. */
export function addVaultCommands(program: Command, execute: Execute): void {
  const vault = program
    .command('vault')
    .description("Open and look at vaults: each holds one class of one client's records.");

  addAddCommand(vault, execute);
  addEstimateCommand(vault, execute);

  addCommand(vault, {
    name: 'list',
    says: 'List the vaults of a client.',
    example: 'holdfast vault list --client 01KB1T7Q8ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--client <client>', 'whose vaults'))
    .action(async ({ client }: { client: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('listVaults', { params: { clientId: client } });
        const rows = answer.vaults.map((each) => [
          each.vaultId,
          each.recordClass,
          `${each.policyId} ${each.policyVersion}`,
          each.state,
          String(each.holds),
          instant(each.lastSnapshotAt),
        ]);
        const header = ['VAULT', 'CLASS', 'POLICY', 'STATE', 'HOLDS', 'LAST SNAPSHOT'];
        return { json: answer, text: table(header, rows, 'No vaults.') };
      }),
    );

  addCommand(vault, {
    name: 'show',
    says: 'Show a vault: policy, keys as KMS reports them, holds, erasure.',
    example: 'holdfast vault show 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .argument('<vault>', 'which vault', parseId)
    .action(async (vaultId: string, _options: object, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('showVault', { params: { vaultId } });
        return { json: answer, text: describeVault(answer) };
      }),
    );
  addSweepCommand(vault, execute);
  addMoveCommand(vault, execute);
}

function addAddCommand(vault: Command, execute: Execute): void {
  addCommand(vault, {
    name: 'add',
    says: 'Open a vault with its own two keys. The first backup of an S3 prefix is due at once.',
    example:
      'holdfast vault add --client 01KB1T7Q8ZJ4Y6V3N5M2X9W0RC --class engagement ' +
      '--policy engagement-10y --source s3://firm-records/clients/1042/',
  })
    .addOption(idOption('--client <client>', 'whose records these are'))
    .requiredOption('--class <class>', 'class of records: lower-case letters, digits, hyphens')
    .requiredOption('--policy <policy>', 'one of "policy list"')
    .option(
      '--policy-version <number>',
      'which version (default: the newest that is approved)',
      parseVersion,
    )
    .addOption(
      new Option('--tier <tier>', 'how its keys are kept; shared-root costs less and proves less')
        .choices(KEY_TIERS)
        .default('dedicated'),
    )
    .requiredOption(
      '--source <location>',
      'what is backed up: s3://bucket/prefix/, or "folder" for one that is pushed',
    )
    .option('--region <region>', "the source's Region (default: the primary Region)")
    .option('--prices <file>', 'prices to estimate it by, as "vault estimate" takes them')
    .action(async (options: AddOptions, command: Command) =>
      execute(command, async (cli) => {
        const { client, policy, policyVersion, tier } = options;
        const source = parseSource(options);
        const list = options.prices === undefined ? undefined : await readPriceFile(options.prices);
        const body = { recordClass: options.class, policyId: policy, policyVersion, tier, source };
        const added = await cli.call('addVault', { params: { clientId: client }, body });
        const opened = await estimateOpened(cli, added, list);
        const how = source.kind === 'folder' ? 'push DIR' : 'backup run';
        const next = lines(`Next: holdfast ${how} --vault ${added.vaultId}`);
        const json = { ...added, estimate: opened };
        const text = facts(summaryFacts(added)) + summarizeOpened(opened) + next;
        return { json, text };
      }),
    );
}

/** @throws CliError `USAGE`. */
function parseSource({ source, region }: AddOptions): AddVaultBody['source'] {
  if (source === 'folder') {
    return { kind: 'folder' };
  }
  const location = parseS3Location(source, '--source');
  return { kind: 's3', ...location, ...(region === undefined ? {} : { region }) };
}

function describeSource(source: VaultSummary['source']): string {
  return source.kind === 'folder'
    ? 'a folder, pushed with "push"'
    : `s3://${source.bucket}/${source.prefix} (${source.region})`;
}

function summaryFacts(vault: Omit<VaultSummary, 'holds'>): [string, string][] {
  return [
    ['vault', vault.vaultId],
    ['client', vault.clientId],
    ['class', vault.recordClass],
    ['policy', `${vault.policyId}, version ${vault.policyVersion}`],
    ['key tier', vault.tier],
    ['state', vault.state],
    ['source', describeSource(vault.source)],
    ['next backup', instant(vault.nextBackupAt)],
  ];
}

/** Says how much was read, as of the last daily verification, and nothing of what came later. */
function describeVerified(verified: VaultAnswer['verified']): [string, string][] {
  if (verified === null) {
    return [['verified', 'nothing yet']];
  }
  return COPY_NAMES.map((copy) => {
    const { bytes, verifiedBytes, since, damaged } = verified.copies[copy];
    const when = since === null ? '' : `, all of it since ${instant(since)}`;
    const bad = damaged === 0 ? '' : `, ${count(damaged, 'object')} damaged`;
    const read = `${size(verifiedBytes)} of ${size(bytes)} read${when}${bad}`;
    return [`${copy} verified`, `${read} (as of ${instant(verified.at)})`];
  });
}

function describeRecoveryPoint({ recoveryPoint: point }: VaultAnswer): [string, string][] {
  if (point === null) {
    return [];
  }
  const { ageHours, rpoHours, exceededHours } = point;
  const excess = exceededHours > 0 ? `: ${Math.ceil(exceededHours)} h too many` : '';
  const words = `${Math.floor(ageHours)} h of work not backed up, at most ${rpoHours} h allowed`;
  return [['recovery point', `${words}${excess}`]];
}

/** @returns nothing when there was no drill and the policy asks for none. */
function describeDrill({ drill, policy }: VaultAnswer): [string, string][] {
  if (drill === null) {
    return policy?.drillEveryDays ? [['last drill', 'none yet']] : [];
  }
  const { state, startedAt, passedAt, verificationId } = drill;
  const now = { RUNNING: 'under way', SUCCEEDED: 'passed', FAILED: 'FAILED' }[state];
  const last = state === 'SUCCEEDED' ? '' : `, last passed ${instant(passedAt)}`;
  return [['last drill', `${now}, begun ${instant(startedAt)}${last}  ${verificationId}`]];
}

function describeVault(vault: VaultAnswer): string {
  const keys = COPY_NAMES.map((copy): [string, string] => {
    const { arn, state, deletionDate } = vault.keys[copy];
    const until = deletionDate === null ? '' : `, to be deleted ${instant(deletionDate)}`;
    return [`${copy} key`, `${state}${until}  ${arn}`];
  });
  const holds = vault.holds.map((hold): [string, string] => [
    'hold',
    `${hold.holdId} since ${instant(hold.placedAt)}: ${hold.reference}`,
  ]);
  const rules = vault.rules.flatMap((rule) =>
    ruleLines(rule).map((line, index): [string, string] => [index === 0 ? 'law' : '', line]),
  );
  const { erasure, activeRun, lastSnapshotId, policy } = vault;
  const last = lastSnapshotId === null ? '-' : `${instant(vault.lastSnapshotAt)} ${lastSnapshotId}`;
  return facts([
    ...summaryFacts(vault),
    ...rules,
    ...(policy === null
      ? []
      : [['review by', describeReview(policy.reviewBy, vault.reviewOverdue)] as const]),
    ['last snapshot', last],
    ...describeRecoveryPoint(vault),
    ...describeDrill(vault),
    ['backup under way', activeRun === null ? 'no' : `run ${activeRun.runId}`],
    ...keys,
    ...describeMove(vault.move),
    ['holds in force', String(vault.holds.length)],
    ...holds,
    ['erasure', erasure === null ? 'none' : `${erasure.state} ${erasure.erasureId}`],
    ...describeVerified(vault.verified),
    ['audit entries', String(vault.auditEntries)],
  ]);
}
