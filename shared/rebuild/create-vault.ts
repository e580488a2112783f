import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import type { Seal } from '../format/seal.ts';
import type { Tombstone } from '../format/tombstone.ts';
import { foundHold } from '../holds/hold-again.ts';
import { findPolicy } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { addVault } from './add-vault.ts';
import { findKeys } from './find-keys.ts';
import type { FoundMove } from './find-move.ts';
import { moveAgain } from './record-move.ts';

type CreatingServices = Pick<Services, 'ledger' | 'clock' | 'ids' | 'copies' | 'custody'>;

const NO_PROBES = { primary: '', secondary: '' } as const;

/** What a vault is made again of. */
export interface VaultBasis {
  readonly actor: string;
  /** The copy to believe. */
  readonly from: CopyName;
  /** Change nothing. */
  readonly dryRun: boolean;
  /** Of its newest snapshot: an older one may name the keys and the policy of before. */
  readonly newest: Seal;
  readonly tombstone: Tombstone | undefined;
  readonly move: FoundMove | undefined;
  /** Whether S3 holds something of it. */
  readonly isHeld: boolean;
}

/**
 * Puts a vault that the ledger does not know back into it.
 * @returns why it cannot be made; `null` when it is there now, or would be.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function createVault(
  services: CreatingServices,
  vaultId: string,
  { actor, from, dryRun, newest, tombstone, move: found, isHeld }: VaultBasis,
): Promise<string | null> {
  const { policyId, policyVersion } = newest;
  if ((await findPolicy(services.ledger, newest)) === undefined) {
    return `its policy is not in the ledger: add ${policyId} version ${policyVersion} first`;
  }
  const keys =
    tombstone?.keys ??
    (found?.isOver === false
      ? found.from
      : await findKeys(services.copies[from], services.custody, newest));
  if (keys === undefined) {
    return 'its newest manifest names no key in each of the two Regions';
  }
  const isErased = tombstone !== undefined;
  const wrong = await whyNot(services, keys, isErased);
  if (wrong !== null || dryRun) {
    return wrong;
  }
  const probes = isErased ? NO_PROBES : await services.custody.sealProbes(keys);
  const hold = isHeld && !isErased ? foundHold(services, actor, vaultId) : null;
  const move = found === undefined ? null : await moveAgain(services, actor, found);
  const traces = { vaultId, policyId, policyVersion, keys, probes, isErased, move, hold };
  await addVault(services, actor, traces);
  return null;
}

/**
 * A tombstone without destroyed keys is no proof of anything, and disabled keys open nothing.
 * @returns what speaks against making the vault again; `null` when nothing does.
 */
export async function whyNot(
  { custody }: Pick<Services, 'custody'>,
  keys: PerCopy<string>,
  isErased: boolean,
): Promise<string | null> {
  const { primary, secondary } = await custody.states(keys);
  const wanted = isErased ? 'Gone' : 'Enabled';
  if (primary.state === wanted && secondary.state === wanted) {
    return null;
  }
  const states = `its keys are ${primary.state} and ${secondary.state}`;
  return isErased ? `it has a tombstone, but ${states}` : `${states}: an erasure was under way`;
}
