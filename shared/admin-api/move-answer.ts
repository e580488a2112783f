import type { VaultMove } from '../domain/move-records.ts';
import type { Vault } from '../domain/records.ts';

/** How far the move of a vault to other keys is. */
export type MoveAnswer = Pick<VaultMove, 'moveId' | 'state' | 'begunAt' | 'begunBy' | 'endedAt'>;

/** @returns what callers may see of a vault's move; `null` when there never was one. */
export function presentMove({ move }: Pick<Vault, 'move'>): MoveAnswer | null {
  if (move === undefined) {
    return null;
  }
  const { moveId, state, begunAt, begunBy, endedAt } = move;
  return { moveId, state, begunAt, begunBy, endedAt };
}
