import { type Command, Option } from 'commander';
import type { MoveAnswer } from '../../shared/admin-api/move-answer.ts';
import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { addCommand, type Execute, parseId } from '../command.ts';
import { facts, instant, lines } from '../render.ts';

const STEPS: Readonly<Record<MoveAnswer['state'], string>> = {
  COPYING: 'its snapshots are written anew under the new keys',
  SWITCHED: 'its snapshots are read with the new keys; the old ones are about to be destroyed',
  DONE: 'the old keys are gone in both Regions',
};

/** `vault move`. */
export function addMoveCommand(vault: Command, execute: Execute): void {
  addCommand(vault, {
    name: 'move',
    says:
      'Move a vault from branch keys to two KMS keys of its own, which cost more and prove more. ' +
      'All that its snapshots need is written anew under the new keys and read back from both ' +
      'copies; then the branch keys are destroyed. Meanwhile it can be restored, and is neither ' +
      'backed up nor erased. What it was stays stored, unreadable, until its locks end.',
    example: 'holdfast vault move 01KB1T8R9ZJ4Y6V3N5M2X9W0RC --tier dedicated',
  })
    .argument('<vault>', 'which vault', parseId)
    .addOption(
      new Option('--tier <tier>', 'how its keys are to be kept')
        .choices(KEY_TIERS)
        .makeOptionMandatory(),
    )
    .action(async (vaultId: string, { tier }: { tier: KeyTier }, command: Command) =>
      execute(command, async ({ call }) => {
        const answer = await call('moveVault', { params: { vaultId }, body: { tier } });
        const later = lines(`Look later: holdfast vault show ${vaultId}`);
        const text = facts([['vault', vaultId], ...describeMove(answer.move)]) + later;
        return { json: answer, text };
      }),
    );
}

/** @returns what to show of a vault's move; nothing when there never was one. */
export function describeMove(move: MoveAnswer | null): [string, string][] {
  if (move === null) {
    return [];
  }
  const { state, begunAt, endedAt } = move;
  const end = endedAt === null ? '' : `, ended ${instant(endedAt)}`;
  return [['move', `${state} since ${instant(begunAt)}${end}: ${STEPS[state]}`]];
}
