import { daysAfter, type Keeping } from './lock.ts';
import type { Snapshot } from './records.ts';

/** What decides, beside its own end, whether a snapshot is kept. */
export interface KeepingFacts {
  /** Nothing of an erased vault is kept: nobody can read it. */
  readonly isErased: boolean;
  readonly lastSnapshotId: string | null;
  /** Snapshots under a hold; `all` under a hold of the vault or its client. */
  readonly held: 'all' | ReadonlySet<string>;
  /** The final snapshot of a closed vault, and until when it is kept; `null`: for ever. */
  readonly final: { readonly snapshotId: string; readonly keepUntil: Date | null } | null;
}

/**
 * How long a snapshot is kept:
 * - an expired one, and every one of an erased vault: not at all
 * - one under a hold: nobody knows how long
 * - a closed vault's final one: until the end that was decided at the closing
 * - the last one of a vault: also after its end, because nothing has taken its place
 * - any other: until its own end
 *
 * @param leadDays - for who acts before an end: the last snapshot of a vault counts as kept beyond
 * its end already this many days before. @default 0
 * @returns `null` when it is not kept any more.
 */
export function keepingOf(
  {
    snapshotId,
    retainUntil,
    expiredAt,
  }: Pick<Snapshot, 'snapshotId' | 'retainUntil' | 'expiredAt'>,
  { isErased, lastSnapshotId, held, final }: KeepingFacts,
  now: Date,
  leadDays = 0,
): Keeping | null {
  if (isErased || expiredAt !== null) {
    return null;
  }
  const promised = new Date(retainUntil);
  if (held === 'all' || held.has(snapshotId)) {
    return { promised, until: null };
  }
  const isFinal = final?.snapshotId === snapshotId;
  const until = isFinal ? laterOf(promised, final.keepUntil) : promised;
  if (snapshotId === lastSnapshotId) {
    return { promised, until: isAfter(until, daysAfter(now, leadDays)) ? until : null };
  }
  return isAfter(until, now) ? { promised, until } : null;
}

/** @returns the keeping that lasts as long as the longer of two does. */
export function longerOf(one: Keeping | null, other: Keeping | null): Keeping | null {
  if (one === null || other === null) {
    return one ?? other;
  }
  const promised = one.promised > other.promised ? one.promised : other.promised;
  return { promised, until: one.until === null ? null : laterOf(one.until, other.until) };
}

function laterOf(end: Date, other: Date | null): Date | null {
  return other === null || other > end ? other : end;
}

function isAfter(end: Date | null, instant: Date): boolean {
  return end === null || end > instant;
}
