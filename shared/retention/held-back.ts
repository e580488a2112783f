import { type Hold, isInForce } from '../domain/hold-records.ts';
import { idTime } from '../domain/ids.ts';
import { daysAfter } from '../domain/lock.ts';
import type { Pack, Snapshot } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';

/** A time in which holds that followed each other without a gap covered the same. */
interface HeldTime {
  readonly from: string;
  /** When the last of them was released; `null` while one is in force. */
  readonly to: string | null;
}

/**
 * Tells what a vault would have let go of long ago, had holds not kept it back that are released
 * by now. So much of it goes at once that nobody could explain it otherwise.
 */
export class HeldBack {
  readonly #holds: readonly Hold[];
  readonly #now: Date;
  readonly #backlogDays: number;

  /**
   * @param holds - all that ever touched the vault.
   * @param backlogDays - days after a release for which it explains that more goes than usual.
   */
  constructor(holds: readonly Hold[], now: Date, backlogDays: number) {
    this.#holds = holds;
    this.#now = now;
    this.#backlogDays = backlogDays;
  }

  /** @returns whether a snapshot's own end came while it was held. */
  hasSnapshot({ snapshotId, retainUntil }: Snapshot): boolean {
    return this.#timesOf([snapshotId]).some(
      ({ from, to }) => to !== null && from <= retainUntil && retainUntil < to,
    );
  }

  /** @returns whether a pack was kept, in the end, for snapshots that were held alone. */
  hasPack({ snapshotId: writer, droppedBy }: Pack): boolean {
    if (droppedBy === null) {
      return false;
    }
    const named = this.#holds.flatMap(({ scope }) =>
      scope.kind === 'snapshot' ? scope.snapshotId : [],
    );
    const needing = named.filter((id) => writer <= id && id < droppedBy);
    const droppedAt = idTime(droppedBy).toISOString();
    return this.#timesOf(needing).some(({ to }) => to !== null && droppedAt <= to);
  }

  /** Times in which the whole vault, or one of some snapshots, was held, of those not long over. */
  #timesOf(snapshotIds: readonly string[]): HeldTime[] {
    const times: HeldTime[] = [];
    for (const hold of this.#holds.toSorted((a, b) => (a.placedAt < b.placedAt ? -1 : 1))) {
      const { scope, placedAt: from } = hold;
      if (scope.kind === 'snapshot' && !snapshotIds.includes(scope.snapshotId)) {
        continue;
      }
      const to = isInForce(hold) ? null : hold.releasedAt;
      const before = times.at(-1);
      if (before !== undefined && (before.to === null || from <= before.to)) {
        times[times.length - 1] = { from: before.from, to: laterOf(before.to, to) };
      } else {
        times.push({ from, to });
      }
    }
    return times.filter(({ to }) => to !== null && this.#isExpected(to));
  }

  #isExpected(releasedAt: string): boolean {
    return this.#now <= daysAfter(new Date(releasedAt), this.#backlogDays);
  }
}

/**
 * Reads what holds have kept back in a vault.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function heldBackIn(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vaultId: string,
  backlogDays: number,
): Promise<HeldBack> {
  const holds = await Array.fromAsync(ledger.list('hold', { vaultId }), ({ record }) => record);
  return new HeldBack(holds, clock.now(), backlogDays);
}

function laterOf(one: string | null, other: string | null): string | null {
  if (one === null || other === null) {
    return null;
  }
  return one > other ? one : other;
}
