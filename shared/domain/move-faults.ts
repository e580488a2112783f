import { fault } from './fault.ts';

/** Why a vault is not moved, and what there is to do instead. */
const WHY = {
  'same-tier': 'its keys are of that tier already',
  'to-shared-root': 'a branch key proves less than the KMS keys it has; open another vault instead',
  'single-copy': 'one of its snapshots lies in one copy only; wait for the hourly repair',
  'large-pack':
    'one of its packs is larger than what one function writes anew and reads back; open another ' +
    'vault instead',
} as const;

/**
 * What can keep a vault from being moved to other keys, what a move keeps from happening, and what
 * a ledger that knows nothing of it does.
 */
export const MOVE_FAULTS = {
  MOVE_REFUSED: fault<{ vaultId: string; why: keyof typeof WHY }>(
    'refused',
    (d) => `Vault ${d.vaultId} is not moved to other keys: ${WHY[d.why]}.`,
    'Vaults move from "shared-root" to "dedicated" only, when all they have lies in both copies.',
  ),
  VAULT_MOVING: fault<{ vaultId: string }>(
    'conflict',
    (d) => `Vault ${d.vaultId} is being moved to KMS keys of its own.`,
    'Wait until the move is over: "vault show" tells how far it is.',
  ),
  COPIES_AHEAD: fault<{ vaultId: string; keys: string }>(
    'conflict',
    (d) =>
      `The copies have objects of vault ${d.vaultId} under keys that the ledger does not know ` +
      `and that are not gone: ${d.keys}.`,
    'The ledger is older than a move to other keys. Run "ledger rebuild", and ask again.',
  ),
};
