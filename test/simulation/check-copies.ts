import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import { tombstoneKey, vaultPrefix } from '../../shared/format/object-keys.ts';
import type { SimulatedVault } from './simulated-vault.ts';
import type { SimulatedWorld } from './simulated-world.ts';

const DAY_MS = 86_400_000;

/** A day after its lock has ended an object is free to go, and the next sweep takes it. */
const GRACE_DAYS = 1;

/** What must be in both copies. */
interface Needed {
  readonly size: number;
  /** Until when it must be locked at least, in ms. */
  lock: number;
  /** Whether S3 must hold it: a pass over the holds has seen one that covers it. */
  isHeld: boolean;
  /** Whether S3 may hold it: a hold that covers it is in force. */
  mayBeHeld: boolean;
}

/** What the sweep of the day has done with a vault. */
export interface SweptToday {
  /** When it looked at the copies, in ms; `null` when it did not get through. */
  readonly sweptAt: number | null;
}

/** Something that must not be. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/**
 * Asks the copies themselves, by their lists and their answers about each version, whether all is
 * there that must be, locked as it must be and held exactly while a hold asks for it, and whether
 * nothing is there that must not be. What must be follows from what was promised at the commit of
 * each snapshot, and from the seals.
 */
export class CopyChecks {
  /** How often an object was asked for. */
  asked = 0;
  /** The longest that anything unreachable stayed after it was free to go, in days. */
  longestOverdueDays = 0;
  readonly #world: SimulatedWorld;
  /** Sweeps that have passed over an unreachable version which was free to go. */
  readonly #survived = new Map<string, number>();

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  /** @param settled - copies that neither are down nor wait for what they have missed. */
  async checkVault(
    vault: SimulatedVault,
    settled: readonly CopyName[],
    today: SweptToday,
  ): Promise<void> {
    const needed = this.#neededBy(vault);
    for (const copy of COPY_NAMES) {
      if (this.#world.memory.copies[copy].available) {
        await this.#checkCopy(vault, copy, needed, settled.includes(copy), today);
      }
    }
  }

  /** @returns the bytes that lie under a vault's prefix in a copy. */
  async storedBytes(vault: SimulatedVault, copy: CopyName): Promise<number> {
    let bytes = 0;
    for await (const { size } of this.#world.memory.copies[copy].list(vaultPrefix(vault.vaultId))) {
      bytes += size;
    }
    return bytes;
  }

  #neededBy(vault: SimulatedVault): Map<string, Needed> {
    const now = this.#world.memory.clock.now().getTime();
    const needed = new Map<string, Needed>();
    for (const birth of vault.births) {
      // The renewal learns of a hold that a snapshot was born under.
      const end = birth.metAt < vault.renewedSince ? vault.endOf(birth, now) : birth.end;
      const lock = Math.min(end, now + vault.minimumDays * DAY_MS);
      const mayBeHeld = vault.isHeld(birth);
      const isHeld = mayBeHeld && birth.metAt < vault.heldSince;
      for (const { key, size } of birth.objects) {
        const known = needed.get(key);
        if (known === undefined) {
          needed.set(key, { size, lock, isHeld, mayBeHeld });
        } else {
          known.lock = Math.max(known.lock, lock);
          known.isHeld ||= isHeld;
          known.mayBeHeld ||= mayBeHeld;
        }
      }
    }
    return needed;
  }

  async #checkCopy(
    vault: SimulatedVault,
    copy: CopyName,
    needed: ReadonlyMap<string, Needed>,
    isSettled: boolean,
    today: SweptToday,
  ): Promise<void> {
    const missing = new Set(needed.keys());
    const seen = this.#world.memory.copies[copy];
    for await (const { key, versionId, size } of seen.list(vaultPrefix(vault.vaultId))) {
      const state = await seen.inspect(key, versionId);
      this.asked += 1;
      const locked = state?.lockedUntil?.getTime() ?? 0;
      const wanted = needed.get(key);
      if (isSettled) {
        checkHold(`${key} in ${copy}`, state?.legalHold ?? false, vault, wanted);
      }
      if (wanted === undefined) {
        if (key !== tombstoneKey(vault.vaultId) && !state?.legalHold) {
          this.#checkUnreachable(`${copy} ${key} ${versionId}`, locked, today);
        }
      } else if (wanted.size === size) {
        missing.delete(key);
        if (isSettled && vault.graceDays === 0 && locked < wanted.lock) {
          const until = new Date(locked).toISOString();
          throw new Violation(`${key} in ${copy} is locked until ${until} only`);
        }
      }
    }
    const [first] = missing;
    if (isSettled && first !== undefined) {
      throw new Violation(`${first}, which a kept snapshot needs, is not in ${copy}`);
    }
  }

  /** Freed before a sweep looked, it must be gone; the one at whose time it was needed may miss. */
  #checkUnreachable(version: string, locked: number, { sweptAt }: SweptToday): void {
    const free = locked + GRACE_DAYS * DAY_MS;
    if (sweptAt === null || free > sweptAt) {
      return;
    }
    const survived = (this.#survived.get(version) ?? 0) + 1;
    this.#survived.set(version, survived);
    const overdueDays = (sweptAt - locked) / DAY_MS;
    this.longestOverdueDays = Math.max(this.longestOverdueDays, overdueDays);
    if (survived > 1) {
      const days = overdueDays.toFixed(1);
      throw new Violation(`${version} is needed by nobody and stays ${days} days after its lock`);
    }
  }
}

/**
 * S3's legal holds are those of the ledger, in both directions, as soon as a pass has seen the
 * latest decision. While a vault has a hold, packs that no kept snapshot needs may be under it: of
 * a pack just dropped nobody knows yet which snapshot was the first without it.
 */
function checkHold(
  object: string,
  isOn: boolean,
  { holds, heldSince }: SimulatedVault,
  wanted: Needed | undefined,
): void {
  if (wanted?.isHeld && !isOn) {
    throw new Violation(`${object} is not under the legal hold`);
  }
  const mayBeOn = wanted?.mayBeHeld ?? holds.length > 0;
  if (isOn && !mayBeOn && heldSince > Number.NEGATIVE_INFINITY) {
    throw new Violation(`${object} is under a legal hold that nobody has placed`);
  }
}
