import type { Command } from 'commander';
import type { ErasureAnswer } from '../../shared/admin-api/answers.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { addCommand, type Execute, idOption, type Outcome } from '../command.ts';
import { facts, instant, lines } from '../render.ts';

interface Decision {
  readonly vault: string;
  readonly erasure: string;
}

/** `erase request`, `erase approve`, `erase cancel`, `erase status`. */
export function addEraseCommands(program: Command, execute: Execute): void {
  const erase = program
    .command('erase')
    .description('Make a vault unreadable for good by destroying its keys, with proof.');

  addCommand(erase, {
    name: 'request',
    says: 'Ask for a vault to be erased. Nothing happens until another person approves.',
    example: 'holdfast erase request --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --reason "contract ended"',
  })
    .addOption(idOption('--vault <vault>', 'what to erase'))
    .requiredOption('--reason <reason>', 'why; kept in the ledger')
    .action(async ({ vault, reason }: { vault: string; reason: string }, command: Command) =>
      execute(command, async ({ call }) =>
        outcomeOf(await call('requestErasure', { params: { vaultId: vault }, body: { reason } })),
      ),
    );

  addCommand(erase, {
    name: 'approve',
    says: 'Approve an erasure that someone else requested. The keys are disabled at once.',
    example:
      'holdfast erase approve --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC ' +
      '--erasure 01KB1TBV2ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'what to erase'))
    .addOption(idOption('--erasure <erasure>', 'which request'))
    .action(async ({ vault, erasure }: Decision, command: Command) =>
      execute(command, async ({ call }) => {
        const input = { params: { vaultId: vault }, body: { erasureId: erasure } };
        return outcomeOf(await call('approveErasure', input));
      }),
    );

  addCommand(erase, {
    name: 'cancel',
    says: 'Cancel an erasure. Possible until a key is destroyed.',
    example:
      'holdfast erase cancel --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC ' +
      '--erasure 01KB1TBV2ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'what not to erase'))
    .addOption(idOption('--erasure <erasure>', 'which request'))
    .action(async ({ vault, erasure }: Decision, command: Command) =>
      execute(command, async ({ call }) => {
        const input = { params: { vaultId: vault }, body: { erasureId: erasure } };
        return outcomeOf(await call('cancelErasure', input));
      }),
    );

  addCommand(erase, {
    name: 'status',
    says: "Show a vault's latest erasure with its evidence.",
    example: 'holdfast erase status --vault 01KB1T8R9ZJ4Y6V3N5M2X9W0RC',
  })
    .addOption(idOption('--vault <vault>', 'whose erasure'))
    .action(async ({ vault }: { vault: string }, command: Command) =>
      execute(command, async ({ call }) =>
        outcomeOf(await call('showErasure', { params: { vaultId: vault } })),
      ),
    );
}

function outcomeOf(erasure: ErasureAnswer): Outcome {
  const text = facts(erasureFacts(erasure)) + lines(whatNext(erasure));
  return { json: erasure, text };
}

function erasureFacts(erasure: ErasureAnswer): [string, string][] {
  const steps: [string, string | null][] = [
    ['requested', `${instant(erasure.requestedAt)} by ${erasure.requestedBy}`],
    ['approved', erasure.approvedAt && `${instant(erasure.approvedAt)} by ${erasure.approvedBy}`],
    ['keys disabled', erasure.suspendedAt && instant(erasure.suspendedAt)],
    ['grace until', erasure.graceUntil && instant(erasure.graceUntil)],
    ...COPY_NAMES.flatMap((copy): [string, string | null][] => {
      const evidence = erasure.evidence[copy];
      const probe = erasure.probes[copy];
      const due = erasure.deletionDates?.[copy] ?? null;
      return [
        [`${copy} key due`, due && instant(due)],
        [
          `${copy} key destroyed`,
          evidence &&
            `${instant(evidence.eventTime)} in ${evidence.region}, event ${evidence.eventId}`,
        ],
        [
          `${copy} decrypt`,
          probe &&
            `${probe.outcome} ${instant(probe.at)}${probe.answer ? `: ${probe.answer}` : ''}`,
        ],
      ];
    }),
    ['cancelled by', erasure.cancelledBy],
    ['ended', erasure.endedAt && instant(erasure.endedAt)],
  ];
  return [
    ['erasure', erasure.erasureId],
    ['vault', erasure.vaultId],
    ['state', erasure.state],
    ['reason', erasure.reason],
    ...steps.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : [])),
  ];
}

function whatNext({ state, vaultId, erasureId }: ErasureAnswer): string {
  const which = `--vault ${vaultId} --erasure ${erasureId}`;
  switch (state) {
    case 'REQUESTED':
      return `Approve it as another person: holdfast erase approve ${which}`;
    case 'APPROVED':
    case 'SUSPENDED':
    case 'SCHEDULED':
      return `It goes on by itself. To stop it: holdfast erase cancel ${which}`;
    case 'DESTROYED':
      return 'The keys are destroyed; a decrypt is still to be tried in both Regions.';
    case 'ERASED':
      return 'The keys are destroyed in both Regions and nothing can be decrypted any more.';
    case 'CANCELLING':
      return 'The keys are about to be enabled again.';
    case 'CANCELLED':
      return 'The vault is not erased; its keys work.';
  }
}
