import type { KeyTier } from '../../../shared/domain/key-tier.ts';

/** How long the policy of the modelled vault waits, in days: that of `FIVE_WEEKS`. */
const GRACE_DAYS = 3;
const WINDOW_DAYS = 7;

/** Days after which a key's absence shows that it is destroyed, where no event has told. */
const ABSENCE_DAYS = 2;

/** What a run may come by; the test counts in how many it did. */
export type Milestone = 'ERASED' | 'certified' | 'CANCELLED' | 'RESTRICTED' | 'refused' | 'absence';

/** What should be true of a vault and its erasure, said as plainly as possible. */
export interface Model {
  readonly tier: KeyTier;
  /** People who must approve, beside who requests. */
  readonly approvals: number;
  /** Days since the beginning. */
  day: number;
  holds: number;
  snapshots: number;
  /** Whether key events are recorded as they happen; otherwise somebody decides what becomes. */
  isPrompt: boolean;
  /** Whether somebody has switched a key of which no event has told: the next day finds it. */
  isMeddled: boolean;
  /** Whether an event of that was lost: those that come later tell of what was done later. */
  isEventLost: boolean;
  /** Whether both keys are gone, and whether that has been shown and confirmed. */
  isGone: boolean;
  isErased: boolean;
  isCertified: boolean;
  /** `null` when nobody wants the vault erased. */
  erasure: ModelErasure | null;
  readonly milestones: Set<Milestone>;
}

/** The plan that somebody saw, as far as it can change. */
export interface SeenPlan {
  readonly snapshots: number;
  readonly isRestricted: boolean;
}

export interface ModelErasure {
  readonly requester: string;
  /** The latest plan: what was requested, or approved since. */
  seen: SeenPlan;
  /** Who approved that plan. */
  approvedBy: Set<string>;
  /** Day before which the law forbids to destroy; 0 for none. */
  readonly lawfulFrom: number;
  isApproved: boolean;
  isRestricted: boolean;
  graceUntil: number;
  /** Day on which the keys are destroyed; `null` while nothing is scheduled. */
  destroyedOn: number | null;
  readonly cancelledBy: Set<string>;
}

export function newModel(tier: KeyTier, approvals: number): Model {
  return {
    ...{ tier, approvals, day: 0, holds: 0, snapshots: 0, isPrompt: true },
    ...{ isMeddled: false, isEventLost: false },
    ...{ isGone: false, isErased: false, isCertified: false },
    ...{ erasure: null, milestones: new Set() },
  };
}

/** The plan as somebody would see it now. */
export function planNow(model: Model, { lawfulFrom }: { lawfulFrom: number }): SeenPlan {
  return { snapshots: model.snapshots, isRestricted: model.day < lawfulFrom };
}

/** Takes note that one more person approves the plan as it is now. */
export function approveIn(model: Model, erasure: ModelErasure, by: string): void {
  erasure.seen = planNow(model, erasure);
  erasure.approvedBy.add(by);
  if (erasure.approvedBy.size < model.approvals) {
    return;
  }
  erasure.isApproved = true;
  erasure.isRestricted = erasure.seen.isRestricted;
  erasure.graceUntil = Math.max(model.day + GRACE_DAYS, erasure.lawfulFrom);
  if (erasure.isRestricted) {
    model.milestones.add('RESTRICTED');
  }
  settle(model);
}

/** What the erasing function makes of what people decided. */
export function settle(model: Model): void {
  const { erasure } = model;
  if (!erasure?.isApproved || model.isGone) {
    return;
  }
  if (model.holds > 0) {
    erasure.destroyedOn = null;
  } else if (erasure.destroyedOn === null && model.day >= erasure.graceUntil) {
    erasure.destroyedOn = model.day + WINDOW_DAYS;
    erasure.isRestricted = false;
  }
}

/** Somebody called the deletion of both keys off; it is scheduled anew. */
export function scheduleAnew({ erasure, isGone, day }: Model): void {
  if (erasure !== null && erasure.destroyedOn !== null && !isGone) {
    erasure.destroyedOn = day + WINDOW_DAYS;
  }
}

/** Days pass without any pass; then the passes run. */
export function pass(model: Model, days: number): void {
  model.day += days;
  if (days > 0) {
    model.isMeddled = false;
    model.isEventLost = false;
  }
  const due = model.erasure?.destroyedOn ?? null;
  if (due === null || due > model.day || model.isErased) {
    settle(model);
    return;
  }
  // Branch keys have no events: that the entry is gone is read back.
  const isHeard = !model.isGone && (model.isPrompt || model.tier === 'shared-root');
  model.isGone = true;
  if (isHeard) {
    erase(model);
  } else if (model.day >= due + ABSENCE_DAYS) {
    model.milestones.add('absence');
    erase(model);
  }
}

/** Key events that waited are recorded, or lost. */
export function hear(model: Model, areLost: boolean): void {
  model.isPrompt = true;
  model.isEventLost ||= model.isMeddled && areLost;
  model.isMeddled = model.isEventLost;
  if (model.isGone && !model.isErased && !areLost) {
    erase(model);
  }
}

function erase(model: Model): void {
  model.isErased = true;
  model.milestones.add('ERASED');
}

/** What can be seen of a vault from outside. */
export interface Seen {
  readonly vault: string;
  /** What KMS says of either key; `null` while somebody has switched one. */
  readonly keys: string | null;
  readonly erasure: string | null;
  readonly holds: number;
  readonly snapshots: number;
  /** In the ledger; then there is a tombstone in both copies as well. */
  readonly certificates: number;
}

export function seenOf(model: Model): Seen {
  const seen = rightlySeen(model);
  return model.isMeddled ? { ...seen, keys: null } : seen;
}

function rightlySeen(model: Model): Seen {
  const { erasure, holds, snapshots } = model;
  const counts = { holds, snapshots, certificates: model.isCertified ? 1 : 0 };
  if (model.isErased) {
    return { vault: 'ERASED', keys: 'Gone', erasure: 'ERASED', ...counts };
  }
  if (!erasure?.isApproved) {
    return { vault: 'ACTIVE', keys: 'Enabled', erasure: erasure && 'REQUESTED', ...counts };
  }
  const isScheduled = erasure.destroyedOn !== null;
  const keys = isScheduled ? 'PendingDeletion' : 'Disabled';
  return {
    vault: erasure.isRestricted ? 'RESTRICTED' : 'ERASE_PENDING',
    keys: model.isGone ? 'Gone' : keys,
    erasure: isScheduled ? 'SCHEDULED' : 'SUSPENDED',
    ...counts,
  };
}
