import type { KeyTier } from '../../shared/domain/key-tier.ts';

/** How long the policy of the modelled vault waits, in days: `engagement-10y`. */
const GRACE_DAYS = 3;
const WINDOW_DAYS = 7;

/** What should be true of a vault and its erasure, said as plainly as possible. */
export interface Model {
  readonly tier: KeyTier;
  /** Days since the beginning. */
  day: number;
  holds: number;
  snapshots: number;
  isErased: boolean;
  /** `null` when nobody wants the vault erased. */
  erasure: ModelErasure | null;
}

export interface ModelErasure {
  readonly requester: string;
  /** What the requester saw, which an approval may be of. */
  readonly seen: { readonly snapshots: number; readonly isRestricted: boolean };
  /** Day before which the law forbids to destroy; 0 for none. */
  readonly lawfulFrom: number;
  isApproved: boolean;
  isRestricted: boolean;
  graceUntil: number;
  /** Day on which the keys are destroyed; `null` while nothing is scheduled. */
  destroyedOn: number | null;
  readonly cancelledBy: Set<string>;
}

export function newModel(tier: KeyTier): Model {
  return { tier, day: 0, holds: 0, snapshots: 0, isErased: false, erasure: null };
}

export function isRestrictedNow({ day }: Model, { lawfulFrom }: { lawfulFrom: number }): boolean {
  return day < lawfulFrom;
}

export function approveIn(model: Model, erasure: ModelErasure): void {
  erasure.isApproved = true;
  erasure.isRestricted = isRestrictedNow(model, erasure);
  erasure.graceUntil = Math.max(model.day + GRACE_DAYS, erasure.lawfulFrom);
  settle(model);
}

/** What the erasing function makes of what people decided. */
export function settle(model: Model): void {
  const { erasure } = model;
  if (!erasure?.isApproved || model.isErased) {
    return;
  }
  if (model.holds > 0) {
    erasure.destroyedOn = null;
  } else if (erasure.destroyedOn === null && model.day >= erasure.graceUntil) {
    erasure.destroyedOn = model.day + WINDOW_DAYS;
    erasure.isRestricted = false;
  }
}

export function nextDay(model: Model): void {
  model.day += 1;
  const due = model.erasure?.destroyedOn ?? null;
  model.isErased ||= due !== null && due <= model.day;
  settle(model);
}

/** What can be seen of a vault from outside. */
export interface Seen {
  readonly vault: string;
  /** What KMS says of either key. */
  readonly keys: string;
  readonly erasure: string | null;
  readonly holds: number;
  readonly snapshots: number;
}

export function seenOf({ erasure, isErased, holds, snapshots }: Model): Seen {
  const counts = { holds, snapshots };
  if (isErased) {
    return { vault: 'ERASED', keys: 'Gone', erasure: 'ERASED', ...counts };
  }
  if (!erasure?.isApproved) {
    return { vault: 'ACTIVE', keys: 'Enabled', erasure: erasure && 'REQUESTED', ...counts };
  }
  return {
    vault: erasure.isRestricted ? 'RESTRICTED' : 'ERASE_PENDING',
    keys: erasure.destroyedOn === null ? 'Disabled' : 'PendingDeletion',
    erasure: erasure.destroyedOn === null ? 'SUSPENDED' : 'SCHEDULED',
    ...counts,
  };
}
