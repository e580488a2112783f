import { inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { KeyTarget } from '../domain/key-target.ts';
import type { Vault } from '../domain/records.ts';
import type { KeyDestruction, KeyState } from '../ports/key-custody.ts';

/**
 * Makes both keys of a vault what they are to be. One that is to be gone is deleted only when its
 * time is over; a key that is gone stays gone. What fails in one Region keeps nothing from being
 * done in the other. Each step may be repeated, and a run that breaks off is simply taken again;
 * how many requests it takes does not depend on what the keys encrypt.
 *
 * @param windowDays - KMS's waiting period of a deletion that is to be scheduled.
 * @param isRepeated - nothing was decided since the keys were last switched: one that is said to be
 * as it is to be is left alone. Otherwise it is asked for all the same, as what is said of a key
 * may be minutes old. @default false
 * @returns what each key was before; `deletionDate` is the date as it is now.
 * @throws HoldfastError `KEYS_UNAVAILABLE`; `KEYS_UNUSABLE` for a key in a state that no key of
 * Holdfast's ever has.
 */
export function switchKeys(
  destruction: KeyDestruction,
  { keys }: Pick<Vault, 'keys'>,
  target: KeyTarget,
  windowDays: number,
  isRepeated = false,
): Promise<PerCopy<KeyState>> {
  return inBothCopies((copy) => switchKey(destruction, keys[copy], target, windowDays, isRepeated));
}

async function switchKey(
  destruction: KeyDestruction,
  keyArn: string,
  target: KeyTarget,
  windowDays: number,
  isRepeated: boolean,
): Promise<KeyState> {
  const before = await destruction.state(keyArn);
  if (before.state === 'Gone' || (isRepeated && before.state === target)) {
    return before;
  }
  try {
    return await takeStep(destruction, keyArn, before, target, windowDays);
  } catch (error) {
    // Refused, perhaps because it was destroyed since it was looked at.
    const after = isFault(error, 'KEYS_UNUSABLE') ? await destruction.state(keyArn) : before;
    if (after.state === 'Gone') {
      return after;
    }
    throw error;
  }
}

async function takeStep(
  destruction: KeyDestruction,
  keyArn: string,
  before: KeyState,
  target: KeyTarget,
  windowDays: number,
): Promise<KeyState> {
  if (target === 'PendingDeletion' || target === 'Gone') {
    const deletionDate = await destruction.scheduleDeletion(keyArn, windowDays);
    const isGone = target === 'Gone' && (await destruction.destroyDue(keyArn));
    return isGone ? { state: 'Gone', deletionDate: null } : { ...before, deletionDate };
  }
  if (before.state === 'PendingDeletion') {
    await destruction.cancelDeletion(keyArn);
  }
  await (target === 'Disabled' ? destruction.disable(keyArn) : destruction.enable(keyArn));
  return { ...before, deletionDate: null };
}
