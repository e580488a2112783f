import { type Command, InvalidArgumentError, Option } from 'commander';
import type { VaultAnswer, VaultSummary } from '../../shared/admin-api/answers.ts';
import type { ClosingPlan, VaultClosingPlan } from '../../shared/admin-api/closing-answers.ts';
import { listCited } from '../../shared/domain/cited-law.ts';
import { DISPOSITIONS, type Disposition } from '../../shared/domain/closing-records.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { CliError, usageError } from '../cli-error.ts';
import {
  addCommand,
  type Cli,
  type Execute,
  type Outcome,
  parseDate,
  parseId,
} from '../command.ts';
import { describeClosing, endOf } from '../describe-closing.ts';
import { EXIT } from '../exit-codes.ts';
import { failedWork } from '../failed-work.ts';
import { facts, instant, lines } from '../render.ts';
import { waitUntilEnded } from '../wait-until-ended.ts';

interface CloseOptions {
  readonly eventDate: string;
  readonly event: ReadonlyMap<string, string>;
  readonly disposition: ReadonlyMap<string, Disposition>;
  readonly confirm: ReadonlyMap<string, string>;
  readonly custodian?: string;
  readonly custodianBasis?: string;
  readonly confirmDates?: boolean;
  readonly dryRun?: boolean;
}

/** What is to be done with one vault that still takes backups. */
interface Step {
  readonly vault: VaultClosingPlan;
  readonly disposition: Disposition;
  readonly confirmed: string | undefined;
  /** Whether somebody has said that a day long before the last snapshot is right. */
  readonly isDayConfirmed: boolean;
}

/** As long as a backup may take, and a little more to see it end. */
const LIMIT_MS = 125 * 60 * 1000;

/** `client close`. */
export function addCloseClientCommand(client: Command, execute: Execute): void {
  addCommand(client, {
    name: 'close',
    says:
      'Close a client: a last backup of every vault, verified in both copies, and for each vault ' +
      'what becomes of it. "retain" keeps it until its period ends, "erase" asks for ' +
      'its erasure, "hand-over" waits until somebody confirms that the client has the records. ' +
      'What the law does not allow is refused, with the rule. May be called again: what is done ' +
      'is left alone.',
    example:
      'holdfast client close 01KB1T7Q8ZJ4Y6V3N5M2X9W0RC --event-date 2026-08-20 ' +
      '--disposition 01KB1T8R9ZJ4Y6V3N5M2X9W0RC=retain --dry-run',
  })
    .argument('<client>', 'which client', parseId)
    .requiredOption('--event-date <date>', 'the day on which the work for it ends', parseDate)
    .addOption(
      ofEachVault(
        '--event <vault=date>',
        'the day that starts the clock of a vault, where it is another; once for each',
        addEvent,
      ),
    )
    .addOption(
      ofEachVault(
        '--disposition <vault=what>',
        'what becomes of a vault: retain, erase or hand-over; once for each',
        addDisposition,
      ),
    )
    .addOption(
      ofEachVault(
        '--confirm <vault=snapshot>',
        'this snapshot is the final one, however old it is',
        addConfirmation,
      ),
    )
    .option('--confirm-dates', 'days more than a year before the last snapshot are right')
    .option('--custodian <name>', 'who keeps the books from then on; kept in the ledger')
    .option('--custodian-basis <basis>', 'what that rests on: an agreement, a resolution, a law')
    .option('--dry-run', 'show what would be done, and what the law allows; change nothing')
    .action(async (clientId: string, options: CloseOptions, command: Command) =>
      execute(command, (cli) => closeClient(cli, clientId, options)),
    );
}

function ofEachVault<Value>(
  flags: string,
  says: string,
  add: (text: string, before: ReadonlyMap<string, Value>) => Map<string, Value>,
): Option {
  return new Option(flags, says).default(new Map(), 'none').argParser(add);
}

async function closeClient(cli: Cli, clientId: string, options: CloseOptions): Promise<Outcome> {
  const { eventDate: event, custodian, custodianBasis, dryRun = false } = options;
  const plan = await planByVault(cli, clientId, options);
  requireKnown(plan, options);
  const described = describeClosing(plan, options.disposition, options.confirm, options.event);
  if (dryRun) {
    const failure = refusalOf(plan, options);
    return { json: plan, text: described, ...(failure && { failure }) };
  }
  const steps = stepsOf(plan, options);
  cli.progress(described);
  const closed: VaultSummary[] = [];
  for (const step of steps) {
    closed.push(await closeVault(cli, step));
  }
  const body = {
    event,
    ...(custodian === undefined ? {} : { custodian }),
    ...(custodianBasis === undefined ? {} : { custodianBasis }),
  };
  const client = await cli.call('closeClient', { params: { clientId }, body });
  const text = facts([
    ['client', clientId],
    ['closed', instant(client.closing?.closedAt ?? null)],
    ...closed.map(({ vaultId, closing }): [string, string] => [
      'vault',
      `${vaultId} ${closing?.disposition}${endOf(closing)}`,
    ]),
  ]);
  return { json: { client, vaults: closed }, text: text + lines(...closed.flatMap(nextOf)) };
}

/** The law is asked once for each day, and each vault taken from the answer for its own. */
async function planByVault(
  { call }: Cli,
  clientId: string,
  { eventDate, event: events }: CloseOptions,
): Promise<ClosingPlan> {
  const ask = (event: string) => call('planClosing', { params: { clientId }, query: { event } });
  const plan = await ask(eventDate);
  const others = new Set([...events.values()].filter((date) => date !== eventDate));
  const dated = await Promise.all([...others].map(ask));
  const vaults = plan.vaults.map((vault) => {
    const own = dated.find(({ event }) => event === events.get(vault.vaultId));
    return own?.vaults.find(({ vaultId }) => vaultId === vault.vaultId) ?? vault;
  });
  return { ...plan, vaults };
}

/** @throws CliError `USAGE` for a vault that the client does not have. */
function requireKnown(
  { vaults, clientId }: ClosingPlan,
  { disposition, confirm, event }: CloseOptions,
): void {
  const known = new Set(vaults.map(({ vaultId }) => vaultId));
  for (const vaultId of [...disposition.keys(), ...confirm.keys(), ...event.keys()]) {
    if (!known.has(vaultId)) {
      throw usageError(`Client ${clientId} has no vault ${vaultId}.`, 'See "client show".');
    }
  }
}

/** @returns what the API would refuse of it, in the order of the vaults; it judges again. */
function refusalOf({ vaults, clientId }: ClosingPlan, options: CloseOptions): CliError | undefined {
  const refusals = vaults.map((vault) => {
    const { vaultId, state, closing, event, lastSnapshotAt } = vault;
    if (closing !== null) {
      const what = `Vault ${vaultId}`;
      return closing.event === event
        ? undefined
        : new HoldfastError('CLOSED_OTHERWISE', { what, event: closing.event });
    }
    if (state !== 'ACTIVE') {
      return state === 'ERASED'
        ? undefined
        : new HoldfastError('CLIENT_HAS_OPEN_VAULT', { clientId, vaultId, state });
    }
    if (vault.isLongAgo && lastSnapshotAt !== null && options.confirmDates !== true) {
      return new HoldfastError('EVENT_LONG_AGO', { vaultId, event, lastSnapshotAt });
    }
    const disposition = options.disposition.get(vaultId);
    return disposition && forbidden(vault, disposition);
  });
  const refusal = refusals.find((each) => each !== undefined);
  return refusal && asCliError(refusal);
}

/** @throws CliError `USAGE` for a vault without a disposition; what `refusalOf` finds. */
function stepsOf(plan: ClosingPlan, options: CloseOptions): Step[] {
  const { disposition: chosen, confirm, confirmDates = false } = options;
  const steps = plan.vaults
    .filter(({ state }) => state === 'ACTIVE')
    .map((vault): Step => {
      const disposition = chosen.get(vault.vaultId);
      if (disposition === undefined) {
        const say = `Say what becomes of vault ${vault.vaultId}: --disposition VAULT=WHAT.`;
        throw usageError(say, 'See --dry-run for what the law allows.');
      }
      const confirmed = confirm.get(vault.vaultId);
      return { vault, disposition, confirmed, isDayConfirmed: confirmDates && vault.isLongAgo };
    });
  const refusal = refusalOf(plan, options);
  if (refusal !== undefined) {
    throw refusal;
  }
  return steps;
}

function forbidden(
  { vaultId, options }: VaultClosingPlan,
  disposition: Disposition,
): HoldfastError | undefined {
  const ruling = options.find((option) => option.disposition === disposition);
  if (ruling?.allowed !== false) {
    return undefined;
  }
  const { says, basis } = ruling;
  const rule = listCited(basis);
  return new HoldfastError('DISPOSITION_FORBIDDEN', { vaultId, disposition, rule, says });
}

/** As the API's own refusal is reported. */
function asCliError({ code, message, next }: HoldfastError): CliError {
  return new CliError({ code, message, next, exitCode: EXIT.refused });
}

async function closeVault(cli: Cli, step: Step): Promise<VaultSummary> {
  const { vault, disposition, confirmed, isDayConfirmed } = step;
  const { vaultId, event } = vault;
  if (vault.source === 's3' && confirmed === undefined) {
    await backUp(cli, vaultId);
  }
  const now: VaultAnswer = await cli.call('showVault', { params: { vaultId } });
  const snapshotId = confirmed ?? now.lastSnapshotId;
  if (snapshotId === null) {
    throw failedWork(`The closing of vault ${vaultId}`, 'NO_SNAPSHOT');
  }
  const verificationId = await verify(cli, vaultId, snapshotId);
  const body = {
    ...{ disposition, event, verificationId },
    ...(confirmed === undefined ? {} : { confirmedSnapshotId: confirmed }),
    ...(isDayConfirmed ? { confirmedEvent: event } : {}),
  };
  const closed = await cli.call('closeVault', { params: { vaultId }, body });
  cli.progress(`Vault ${vaultId} is closed.`);
  return closed;
}

/** @throws CliError when the run failed. */
async function backUp({ call, sleep, progress }: Cli, vaultId: string): Promise<void> {
  const { runId } = await call('runBackup', { params: { vaultId }, body: {} });
  progress(`Vault ${vaultId}: the last backup is under way, run ${runId}.`);
  const later = 'Call "client close" again once it has ended.';
  const run = await waitUntilEnded(
    () => call('showBackup', { params: { vaultId, runId } }),
    sleep,
    { limitMs: LIMIT_MS, later },
  );
  if (run.state === 'FAILED') {
    throw failedWork(`Backup run ${runId}`, run.failure);
  }
}

/** @returns the id of a verification that found everything in both copies. */
async function verify(
  { call, sleep, progress }: Cli,
  vaultId: string,
  snapshotId: string,
): Promise<string> {
  const params = { vaultId, snapshotId };
  const body = { depth: 'quick' as const };
  const { verificationId } = await call('requestVerification', { params, body });
  progress(`Vault ${vaultId}: snapshot ${snapshotId} is being verified in both copies.`);
  const later = 'Call "client close" again once it has ended.';
  const ended = await waitUntilEnded(
    () => call('showVerification', { params: { ...params, verificationId } }),
    sleep,
    { limitMs: LIMIT_MS, later },
  );
  if (ended.state === 'FAILED') {
    throw failedWork(`Verification ${verificationId}`, ended.failure);
  }
  return verificationId;
}

function nextOf({ vaultId, closing }: VaultSummary): string[] {
  switch (closing?.disposition) {
    case 'erase':
      return [`Approve its erasure as another person: holdfast erase status --vault ${vaultId}`];
    case 'hand-over':
      return [
        `Give it to the client: holdfast restore --vault ${vaultId} --to PLACE; then another ` +
          `person: holdfast hand-over confirm ${vaultId} --restore ID --recipient NAME`,
      ];
    default:
      return [];
  }
}

/** @throws InvalidArgumentError unless it is `VAULT=retain|erase|hand-over`. */
function addDisposition(
  text: string,
  before: ReadonlyMap<string, Disposition>,
): Map<string, Disposition> {
  const [vaultId = '', what = ''] = text.split('=');
  const disposition = DISPOSITIONS.find((each) => each === what);
  if (disposition === undefined) {
    throw new InvalidArgumentError('Write it as VAULT=retain, VAULT=erase or VAULT=hand-over.');
  }
  return withVault(before, vaultId, disposition);
}

/** @throws InvalidArgumentError unless it is `VAULT=DATE`. */
function addEvent(text: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const [vaultId = '', date = ''] = text.split('=');
  return withVault(before, vaultId, parseDate(date));
}

/** @throws InvalidArgumentError unless it is `VAULT=SNAPSHOT`. */
function addConfirmation(text: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const [vaultId = '', snapshotId = ''] = text.split('=');
  return withVault(before, vaultId, parseId(snapshotId));
}

/** @throws InvalidArgumentError when the vault was given already: one of the two is a mistake. */
function withVault<Value>(
  before: ReadonlyMap<string, Value>,
  text: string,
  value: Value,
): Map<string, Value> {
  const vaultId = parseId(text);
  if (before.has(vaultId)) {
    throw new InvalidArgumentError(`Vault ${vaultId} is given twice.`);
  }
  return new Map(before).set(vaultId, value);
}
