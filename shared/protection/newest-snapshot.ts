import { COPY_NAMES } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import type { CheckedSnapshot } from '../domain/verification-records.ts';
import type { Services } from '../ports/services.ts';
import { snapshotProtection } from './snapshot-protection.ts';

const HOUR_MS = 3_600_000;

/**
 * Snapshots younger than this are asked after; with older ones their vault's locks are, each day.
 */
const YOUNG_HOURS = 25;

/**
 * Hours between two questions after the newest snapshots of a vault that is backed up more often:
 * a question costs one request for each object and copy.
 */
const ASK_AGAIN_HOURS = 20;

type AskingServices = Pick<Services, 'ledger' | 'clock' | 'copies' | 'telemetry'>;

/** What is known of a vault's newest snapshot. */
export interface NewestSnapshot {
  /** Whether it is `protected`; a vault that has none, or needs none any more, is as well. */
  readonly isProtected: boolean;
  /** What S3 was asked last, now or before. */
  readonly checked: CheckedSnapshot | null;
}

/**
 * Tells whether a vault's newest snapshot is protected. S3 is asked once after its commit, at most
 * once a day, and then hourly until it says that it is. In between its last answer counts, and
 * what the ledger says. A snapshot that the ledger calls single-copy counts whatever its age, that
 * of a closed vault too, and is not asked after before it is repaired.
 *
 * @param services - with copies that rest when they do not answer.
 * @param last - what S3 was asked last.
 * @returns `null` when the time was over before S3 had told of every object.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function newestSnapshot(
  services: AskingServices,
  vault: Vault,
  last: CheckedSnapshot | null,
  hasTime: () => boolean,
): Promise<NewestSnapshot | null> {
  const snapshot = await findNewest(services, vault);
  if (snapshot === undefined) {
    return { isProtected: true, checked: last };
  }
  if (snapshot.protectionState === 'single-copy') {
    tell(services, snapshot, snapshot.protectionState);
    return { isProtected: false, checked: last };
  }
  const checked = isDue(snapshot, last, services.clock.now())
    ? await ask(services, snapshot, hasTime)
    : last;
  if (checked === null && !hasTime()) {
    return null;
  }
  const isKnown = checked?.snapshotId === snapshot.snapshotId;
  const state = isKnown ? checked.state : snapshot.protectionState;
  if (state !== 'protected') {
    tell(services, snapshot, state);
  }
  return { isProtected: state === 'protected', checked };
}

async function findNewest(
  { ledger, clock }: AskingServices,
  { vaultId, lastSnapshotId, state }: Vault,
): Promise<Snapshot | undefined> {
  const stored =
    lastSnapshotId === null ? undefined : await ledger.get('snapshot', vaultId, lastSnapshotId);
  // What is about to be erased is not repaired any more.
  const isLeft = state === 'ERASE_PENDING' && stored && !isYoung(stored.record, clock.now());
  return isLeft ? undefined : stored?.record;
}

function isDue(snapshot: Snapshot, last: CheckedSnapshot | null, now: Date): boolean {
  if (last !== null && last.state !== 'protected') {
    return true;
  }
  const isAnother = last?.snapshotId !== snapshot.snapshotId;
  const isRested = last === null || hoursSince(last.askedAt, now) >= ASK_AGAIN_HOURS;
  return isAnother && isRested && isYoung(snapshot, now);
}

/** @returns `null` when the time was over. */
async function ask(
  services: AskingServices,
  snapshot: Snapshot,
  hasTime: () => boolean,
): Promise<CheckedSnapshot | null> {
  const { snapshotId } = snapshot;
  const state = await stateInCopies(services, snapshot, hasTime);
  const askedAt = services.clock.now().toISOString();
  return state === 'unknown' && !hasTime() ? null : { snapshotId, state, askedAt };
}

async function stateInCopies(
  services: AskingServices,
  snapshot: Snapshot,
  hasTime: () => boolean,
): Promise<string> {
  try {
    // A copy that is down is found by one question, before the other one is asked thousands.
    for (const copy of COPY_NAMES) {
      const version = snapshot.seal.versions[copy];
      if (version !== null) {
        await services.copies[copy].inspect(snapshot.seal.key, version);
      }
    }
    return (await snapshotProtection(services, snapshot, hasTime)).state;
  } catch (error) {
    if (isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
      return 'unknown';
    }
    if (isFault(error, 'OBJECT_MISSING', 'OBJECT_DAMAGED')) {
      return error.code;
    }
    throw error;
  }
}

function tell({ telemetry }: AskingServices, snapshot: Snapshot, state: string): void {
  const { vaultId, snapshotId } = snapshot;
  telemetry.event('snapshot.not-protected', { vaultId, snapshotId, state });
}

function isYoung({ createdAt }: Snapshot, now: Date): boolean {
  return hoursSince(createdAt, now) <= YOUNG_HOURS;
}

function hoursSince(at: string, now: Date): number {
  return (now.getTime() - Date.parse(at)) / HOUR_MS;
}
