import { type Command, Option } from 'commander';
import type { ErasureAnswer } from '../../shared/admin-api/answers.ts';
import { addCommand, type Execute, idOption, type Outcome, parseDate } from '../command.ts';
import { describeErasure } from '../describe-erasure.ts';
import { count, facts, paragraphs } from '../render.ts';

/** What the requester states; no record shows it. */
interface Statements {
  readonly eventDate?: string;
  readonly contractEnded?: true;
  readonly returned?: true;
  readonly part?: true;
}

/** `erase plan`, `erase request`, `erase approve`, `erase cancel`, `erase status`. */
export function addEraseCommands(program: Command, execute: Execute): void {
  const erase = program
    .command('erase')
    .description('Make a vault unreadable for good by destroying its keys, with proof.');
  addPlan(erase, execute);
  addRequest(erase, execute);
  addApprove(erase, execute);
  addCancel(erase, execute);
  addStatus(erase, execute);
}

function addPlan(erase: Command, execute: Execute): void {
  const command = addCommand(erase, {
    name: 'plan',
    says: 'Show what erasing a vault would destroy, keep and restrict, and by which law.',
    example: 'holdfast erase plan --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --event-date 2015-12-31',
  }).addOption(idOption('--vault <vault>', 'what to erase'));
  withStatements(command).action(async (options: Statements & { vault: string }, action: Command) =>
    execute(action, async ({ call }) => {
      const { event, contractEnded, returned, concerns } = statementsOf(options);
      const answer = await call('planErasure', {
        params: { vaultId: options.vault },
        query: {
          ...(event === undefined ? {} : { event }),
          ...{ contractEnded: String(contractEnded), returned: String(returned), concerns },
        },
      });
      const { decision, plan, erasureId } = answer;
      const named: [string, string][] = [
        ['vault', answer.vaultId],
        ['erasure', erasureId ?? 'not requested'],
        ['decision', decision.outcome],
        ['objects', `${count(plan.objects, 'object')}, ${count(plan.bytes, 'byte')}`],
        ['digest', plan.digest],
        ['plan', plan.hash],
      ];
      return { json: answer, text: facts(named) + paragraphs(...answer.says) };
    }),
  );
}

function addRequest(erase: Command, execute: Execute): void {
  const command = addCommand(erase, {
    name: 'request',
    says: 'Ask for a vault to be erased. Nothing happens until others approve.',
    example:
      'holdfast erase request --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --contract-ended ' +
      '--reason "consent withdrawn"',
  })
    .addOption(idOption('--vault <vault>', 'what to erase'))
    .requiredOption('--reason <reason>', 'why; kept in the ledger');
  withStatements(command).action(
    async (options: Statements & { vault: string; reason: string }, action: Command) =>
      execute(action, async ({ call }) => {
        const body = { reason: options.reason, ...statementsOf(options) };
        return outcomeOf(
          await call('requestErasure', { params: { vaultId: options.vault }, body }),
        );
      }),
  );
}

function addApprove(erase: Command, execute: Execute): void {
  addCommand(erase, {
    name: 'approve',
    says:
      'Approve the plan of an erasure that someone else requested. With the last approval the ' +
      'keys are disabled at once.',
    example:
      'holdfast erase approve --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC ' +
      '--erasure 01KB1TBV2ZJ4Y6V3N5M2X9W0RC --plan HASH',
  })
    .addOption(idOption('--vault <vault>', 'what to erase'))
    .addOption(idOption('--erasure <erasure>', 'which request'))
    .requiredOption('--plan <hash>', 'the plan you have seen, as "erase plan" prints it')
    .action(async (options: { vault: string; erasure: string; plan: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const body = { erasureId: options.erasure, planHash: options.plan };
        const params = { vaultId: options.vault };
        return outcomeOf(await call('approveErasure', { params, body }));
      }),
    );
}

function addCancel(erase: Command, execute: Execute): void {
  addCommand(erase, {
    name: 'cancel',
    says:
      'Cancel an erasure or a restriction, until a key is destroyed. Once it is approved, it ' +
      'takes as many people as the erasure did, each with this command.',
    example:
      'holdfast erase cancel --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC ' +
      '--erasure 01KB1TBV2ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'what not to erase'))
    .addOption(idOption('--erasure <erasure>', 'which request'))
    .action(async ({ vault, erasure }: { vault: string; erasure: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const input = { params: { vaultId: vault }, body: { erasureId: erasure } };
        return outcomeOf(await call('cancelErasure', input));
      }),
    );
}

function addStatus(erase: Command, execute: Execute): void {
  addCommand(erase, {
    name: 'status',
    says: "Show a vault's latest erasure with its evidence.",
    example: 'holdfast erase status --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'whose erasure'))
    .action(async ({ vault }: { vault: string }, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('showErasure', { params: { vaultId: vault } });
        return { json: answer, text: describeErasure(answer, answer.holds) };
      }),
    );
}

function withStatements(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--event-date <date>',
        'what starts the statutory clock: the latest of all records',
      ).argParser(parseDate),
    )
    .option('--contract-ended', 'the contract is over, or the consent withdrawn')
    .option('--returned', 'the client has got its records back')
    .option('--part', 'somebody asks about a part of the vault only');
}

function statementsOf({ eventDate, contractEnded, returned, part }: Statements) {
  return {
    ...(eventDate === undefined ? {} : { event: eventDate }),
    contractEnded: contractEnded === true,
    returned: returned === true,
    concerns: part === true ? ('part' as const) : ('vault' as const),
  };
}

function outcomeOf(erasure: ErasureAnswer): Outcome {
  return { json: erasure, text: describeErasure(erasure) };
}
