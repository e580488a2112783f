import { type Command, InvalidArgumentError } from 'commander';
import type { VaultAnswer, VaultSummary } from '../../shared/admin-api/answers.ts';
import type { ClosingPlan, VaultClosingPlan } from '../../shared/admin-api/closing-answers.ts';
import { listCited } from '../../shared/domain/cited-law.ts';
import { DISPOSITIONS, type Disposition } from '../../shared/domain/closing-records.ts';
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
  readonly dryRun?: boolean;
}

/** What is to be done with one vault that still takes backups. */
interface Step {
  readonly vault: VaultClosingPlan;
  readonly disposition: Disposition;
  readonly confirmed: string | undefined;
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
    .option(
      '--event <vault=date>',
      'the day that starts the clock of a vault, where it is another; once for each',
      addEvent,
      new Map(),
    )
    .option(
      '--disposition <vault=what>',
      'what becomes of a vault: retain, erase or hand-over; once for each',
      addDisposition,
      new Map(),
    )
    .option(
      '--confirm <vault=snapshot>',
      'this snapshot is the final one, however old it is',
      addConfirmation,
      new Map(),
    )
    .option('--custodian <name>', 'who keeps the books from then on; kept in the ledger')
    .option('--dry-run', 'show what would be done, and what the law allows; change nothing')
    .action(async (clientId: string, options: CloseOptions, command: Command) =>
      execute(command, (cli) => closeClient(cli, clientId, options)),
    );
}

async function closeClient(cli: Cli, clientId: string, options: CloseOptions): Promise<Outcome> {
  const { eventDate: event, custodian, dryRun = false } = options;
  const plan = await planByVault(cli, clientId, options);
  const described = describeClosing(plan, options.disposition, options.confirm, options.event);
  if (dryRun) {
    return { json: plan, text: described };
  }
  const steps = stepsOf(plan, options);
  cli.progress(described);
  const closed: VaultSummary[] = [];
  for (const step of steps) {
    closed.push(await closeVault(cli, step));
  }
  const body = { event, ...(custodian === undefined ? {} : { custodian }) };
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

/** @throws CliError `USAGE` for a vault without a disposition, `DISPOSITION_FORBIDDEN` by law. */
function stepsOf(
  { vaults, clientId }: ClosingPlan,
  { disposition: chosen, confirm, event }: CloseOptions,
): Step[] {
  const known = new Set(vaults.map(({ vaultId }) => vaultId));
  for (const vaultId of [...chosen.keys(), ...confirm.keys(), ...event.keys()]) {
    if (!known.has(vaultId)) {
      throw usageError(`Client ${clientId} has no vault ${vaultId}.`, 'See "client show".');
    }
  }
  const steps = vaults
    .filter(({ state }) => state === 'ACTIVE')
    .map((vault): Step => {
      const disposition = chosen.get(vault.vaultId);
      if (disposition === undefined) {
        const say = `Say what becomes of vault ${vault.vaultId}: --disposition VAULT=WHAT.`;
        throw usageError(say, 'See --dry-run for what the law allows.');
      }
      return { vault, disposition, confirmed: confirm.get(vault.vaultId) };
    });
  for (const { vault, disposition } of steps) {
    requireAllowed(vault, disposition);
  }
  return steps;
}

/** Refused before anything is backed up; the API judges again. */
function requireAllowed({ vaultId, options }: VaultClosingPlan, disposition: Disposition): void {
  const ruling = options.find((option) => option.disposition === disposition);
  if (ruling?.allowed === false) {
    throw new CliError({
      code: 'DISPOSITION_FORBIDDEN',
      message:
        `Vault ${vaultId} cannot be closed with "${disposition}": ${ruling.says} ` +
        `(${listCited(ruling.basis)}).`,
      next: 'See "client close --dry-run" for what the law allows.',
      exitCode: EXIT.refused,
    });
  }
}

async function closeVault(cli: Cli, step: Step): Promise<VaultSummary> {
  const { vault, disposition, confirmed } = step;
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
  progress(`Vault ${vaultId}: snapshot ${snapshotId} is verified in both copies.`);
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
  return new Map(before).set(parseId(vaultId), disposition);
}

/** @throws InvalidArgumentError unless it is `VAULT=DATE`. */
function addEvent(text: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const [vaultId = '', date = ''] = text.split('=');
  return new Map(before).set(parseId(vaultId), parseDate(date));
}

/** @throws InvalidArgumentError unless it is `VAULT=SNAPSHOT`. */
function addConfirmation(text: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const [vaultId = '', snapshotId = ''] = text.split('=');
  return new Map(before).set(parseId(vaultId), parseId(snapshotId));
}
