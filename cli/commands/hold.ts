import type { Command } from 'commander';
import type { ClientHoldAnswer, HoldAnswer } from '../../shared/admin-api/answers.ts';
import type { ChangedHold } from '../../shared/admin-api/hold-answer.ts';
import { usageError } from '../cli-error.ts';
import { addCommand, type Cli, type Execute, idOption, type Outcome, parseId } from '../command.ts';
import { count, facts, instant, lines, table } from '../render.ts';

/** What a hold is on, as it is given: exactly one of the first two. */
interface ScopeOptions {
  readonly client?: string;
  readonly vault?: string;
  readonly snapshot?: string;
}

interface PlaceOptions extends ScopeOptions {
  readonly reason: string;
  readonly reference: string;
}

interface ReleaseOptions extends ScopeOptions {
  readonly hold: string;
  readonly reason: string;
}

type AnyHold = HoldAnswer | ClientHoldAnswer;

/** `hold place`, `hold list`, `hold release`, `hold approve-release`. */
export function addHoldCommands(program: Command, execute: Execute): void {
  const hold = program
    .command('hold')
    .description('Place and release legal holds: what is held neither expires nor is erased.');

  withScope(
    addCommand(hold, {
      name: 'place',
      says:
        'Put a client, a vault or one snapshot under a legal hold. On a client it holds every ' +
        'vault, those registered later too. An erasure under way is suspended.',
      example:
        'holdfast hold place --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --reason "tax audit" ' +
        '--reference 2026-118',
    }),
  )
    .option('--snapshot <snapshot>', 'hold only this snapshot of the vault', parseId)
    .requiredOption('--reason <reason>', 'why; kept in the ledger')
    .requiredOption('--reference <reference>', 'case number or similar')
    .action(async (options: PlaceOptions, command: Command) =>
      execute(command, (cli) => place(cli, options)),
    );

  withScope(
    addCommand(hold, {
      name: 'list',
      says: 'List all holds that ever touched a vault, or that were placed on a client.',
      example: 'holdfast hold list --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
    }),
  ).action(async (options: ScopeOptions, command: Command) =>
    execute(command, (cli) => list(cli, options)),
  );

  withScope(
    addCommand(hold, {
      name: 'release',
      says: 'Ask for a hold to be released. It stays in force until another person approves.',
      example:
        'holdfast hold release --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC ' +
        '--hold 01KB1TAT1ZJ4Y6V3N5M2X9W0RC --reason "case closed"',
    }),
  )
    .addOption(idOption('--hold <hold>', 'which hold'))
    .requiredOption('--reason <reason>', 'why it is needed no more; kept in the ledger')
    .action(async (options: ReleaseOptions, command: Command) =>
      execute(command, (cli) => release(cli, options)),
    );

  withScope(
    addCommand(hold, {
      name: 'approve-release',
      says: 'Release a hold, as someone who neither placed it nor asked for its release.',
      example:
        'holdfast hold approve-release --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC ' +
        '--hold 01KB1TAT1ZJ4Y6V3N5M2X9W0RC',
    }),
  )
    .addOption(idOption('--hold <hold>', 'which hold'))
    .action(async (options: ScopeOptions & { hold: string }, command: Command) =>
      execute(command, (cli) => approveRelease(cli, options)),
    );
}

function withScope(command: Command): Command {
  return command
    .option('--client <client>', 'the client as a whole', parseId)
    .option('--vault <vault>', 'one vault', parseId);
}

async function place({ call }: Cli, options: PlaceOptions): Promise<Outcome> {
  const { reason, reference, snapshot } = options;
  const scope = parseScope(options);
  if ('clientId' in scope) {
    const placed = await call('placeClientHold', { params: scope, body: { reason, reference } });
    return outcomeOf(placed, scope);
  }
  const body = { reason, reference, ...(snapshot === undefined ? {} : { snapshotId: snapshot }) };
  return outcomeOf(await call('placeHold', { params: scope, body }), scope);
}

async function list({ call }: Cli, options: ScopeOptions): Promise<Outcome> {
  const scope = parseScope(options);
  const answer =
    'clientId' in scope
      ? await call('listClientHolds', { params: scope })
      : await call('listHolds', { params: scope });
  const rows = answer.holds.map((each) => [
    each.holdId,
    scopeOf(each),
    instant(each.placedAt),
    stateOf(each),
    each.reference,
    each.reason,
  ]);
  const header = ['HOLD', 'ON', 'PLACED', 'STATE', 'REFERENCE', 'REASON'];
  return { json: answer, text: table(header, rows, 'No holds.') };
}

async function release({ call }: Cli, options: ReleaseOptions): Promise<Outcome> {
  const { hold: holdId, reason } = options;
  const scope = parseScope(options);
  const asked =
    'clientId' in scope
      ? await call('requestClientRelease', { params: { ...scope, holdId }, body: { reason } })
      : await call('requestRelease', { params: { ...scope, holdId }, body: { reason } });
  return outcomeOf(asked, scope);
}

async function approveRelease(
  { call }: Cli,
  { hold: holdId, ...options }: ScopeOptions & { hold: string },
): Promise<Outcome> {
  const scope = parseScope(options);
  const released =
    'clientId' in scope
      ? await call('approveClientRelease', { params: { ...scope, holdId }, body: {} })
      : await call('approveRelease', { params: { ...scope, holdId }, body: {} });
  return outcomeOf(released, scope);
}

/** @throws CliError `USAGE` unless it is a client or a vault, or a snapshot of a vault. */
function parseScope(options: ScopeOptions): { clientId: string } | { vaultId: string } {
  const { client, vault, snapshot } = options;
  if (client !== undefined && vault === undefined && snapshot === undefined) {
    return { clientId: client };
  }
  if (vault !== undefined && client === undefined) {
    return { vaultId: vault };
  }
  throw usageError('Say what the hold is on: either --client, or --vault.');
}

function outcomeOf(
  hold: ChangedHold | ClientHoldAnswer,
  scope: ReturnType<typeof parseScope>,
): Outcome {
  const owner = 'clientId' in scope ? `--client ${scope.clientId}` : `--vault ${scope.vaultId}`;
  return {
    json: hold,
    text: describeHold(hold) + whatNext(hold, `${owner} --hold ${hold.holdId}`),
  };
}

function describeHold(hold: AnyHold): string {
  const { releaseRequest: asked, releasedAt, releasedBy } = hold;
  const request = asked === null ? 'no' : `${instant(asked.at)} by ${asked.by}: ${asked.reason}`;
  return facts([
    ['hold', hold.holdId],
    'vaultId' in hold ? ['vault', hold.vaultId] : ['client', hold.clientId],
    ['on', scopeOf(hold)],
    ['reference', hold.reference],
    ['reason', hold.reason],
    ['placed', `${instant(hold.placedAt)} by ${hold.placedBy}`],
    ['release asked', request],
    ['released', releasedAt === null ? 'no' : `${instant(releasedAt)} by ${releasedBy}`],
    ...('vaultId' in hold ? [["S3's legal holds", legalHoldsOf(hold)] as const] : []),
  ]);
}

function whatNext(hold: ChangedHold | ClientHoldAnswer, which: string): string {
  if (hold.releasedAt !== null) {
    return lines(whatGoesOn(hold));
  }
  return lines(
    ...whatStops(hold),
    hold.releaseRequest === null
      ? `To release it: holdfast hold release ${which} --reason REASON`
      : `Approve it as another person: holdfast hold approve-release ${which}`,
  );
}

function whatGoesOn(hold: ChangedHold | ClientHoldAnswer): string {
  if (!('vaultId' in hold)) {
    return 'What was due meanwhile goes on by itself in every vault that no other hold touches.';
  }
  const { vaultHolds, vaultId } = hold;
  return vaultHolds === 0
    ? 'What was due meanwhile goes on by itself.'
    : `The vault is under ${count(vaultHolds, 'other hold')}, and nothing of what they touch ` +
        `goes on: holdfast hold list --vault ${vaultId}`;
}

function whatStops(hold: ChangedHold | ClientHoldAnswer): string[] {
  if (!('vaultId' in hold)) {
    return ['An erasure under way in one of its vaults is suspended; its keys stay disabled.'];
  }
  return hold.erasureBegun === null
    ? []
    : [`Erasure ${hold.erasureBegun} is suspended; the keys stay disabled until it is cancelled.`];
}

function scopeOf(hold: AnyHold): string {
  if (!('scope' in hold)) {
    return 'the client';
  }
  const { scope } = hold;
  return scope.kind === 'snapshot' ? `snapshot ${scope.snapshotId}` : `the ${scope.kind}`;
}

function stateOf({ releasedAt, releaseRequest }: AnyHold): string {
  if (releasedAt !== null) {
    return `released ${instant(releasedAt)}`;
  }
  return releaseRequest === null ? 'in force' : 'in force, release asked';
}

function legalHoldsOf({ appliedAt, liftedAt }: HoldAnswer): string {
  if (liftedAt !== null) {
    return `lifted ${instant(liftedAt)}`;
  }
  return appliedAt === null ? 'to be set, within the hour' : `set ${instant(appliedAt)}`;
}
