import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import { tierOf } from '../domain/key-tier.ts';
import type { Vault } from '../domain/records.ts';
import { isReadable } from '../domain/states.ts';
import { findOpenErasure } from '../erasure/find-erasure.ts';
import { vaultPrefix } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { findOtherKeys } from '../snapshot/other-keys.ts';
import { findKeys } from './find-keys.ts';
import { readReplacing } from './find-seals.ts';
import type { RebuildWish, VaultFindings } from './rebuild-wish.ts';

type FindingServices = Pick<Services, 'copies' | 'custody' | 'ledger'>;

/** A move from branch keys to KMS keys, as the copies show it. */
export interface FoundMove {
  readonly from: PerCopy<string>;
  readonly to: PerCopy<string>;
  /** Whether it is too late to begin anew: the old keys are being given up, or are gone. */
  readonly isOver: boolean;
}

/**
 * Finds out by the seals whether a vault was moved to other keys: one that was replaced says where
 * from, and the one in its place where to. Old keys are touched only after the last seal was
 * written, so as long as both are enabled nothing is lost by what was there before.
 *
 * @returns `undefined` when no seal was replaced.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNAVAILABLE`.
 */
export async function findMove(
  { copies, custody }: FindingServices,
  { from: name }: Pick<RebuildWish, 'from'>,
  { vaultId, found }: VaultFindings,
): Promise<FoundMove | undefined> {
  for (const one of found) {
    const seals = one.later.length === 0 ? [] : await readReplacing(copies[name], vaultId, one);
    const [first, last] = [seals[0], seals.at(-1)];
    if (first === undefined || last === undefined || first === last) {
      continue;
    }
    const from = await findKeys(copies[name], custody, first.seal);
    const to = await findKeys(copies[name], custody, last.seal);
    if (from !== undefined && to !== undefined && isUpward(from, to)) {
      return { from, to, isOver: !(await areEnabled({ custody }, from)) };
    }
  }
  return undefined;
}

/**
 * @returns whether a vault may be in a move that its ledger does not know, and that can be gone on
 * with.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function mayBeMoving(
  { ledger }: Pick<Services, 'ledger'>,
  vault: Vault,
): Promise<boolean> {
  const { keys, move, state } = vault;
  const isMovable = move === undefined && tierOf(keys) === 'shared-root' && isReadable(state);
  return isMovable && (await findOpenErasure(ledger, vault)) === undefined;
}

/**
 * Finds a move of which no seal tells yet: what it has written lies beside what the ledger lists,
 * and names the new keys.
 *
 * @returns `undefined` when there is none, or its keys cannot be used.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNAVAILABLE`.
 */
export async function findBegunMove(
  services: FindingServices,
  copy: CopyName,
  vault: Vault,
): Promise<FoundMove | undefined> {
  const { vaultId, keys: from } = vault;
  const names = await findOtherKeys(services, vault, copy, vaultPrefix(vaultId));
  const to = services.custody.keysNamed(vaultId, names);
  return to !== undefined && isUpward(from, to) && (await areEnabled(services, to))
    ? { from, to, isOver: false }
    : undefined;
}

/** The only way a vault is moved. */
function isUpward(from: PerCopy<string>, to: PerCopy<string>): boolean {
  return tierOf(from) === 'shared-root' && tierOf(to) === 'dedicated';
}

async function areEnabled(
  { custody }: Pick<Services, 'custody'>,
  keys: PerCopy<string>,
): Promise<boolean> {
  const { primary, secondary } = await custody.states(keys);
  return primary.state === 'Enabled' && secondary.state === 'Enabled';
}
