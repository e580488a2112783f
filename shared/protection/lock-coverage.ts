import { COPY_NAMES, type CopyName } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import { idTime } from '../domain/ids.ts';
import {
  type Keeping,
  type LockRule,
  lockDelayDays,
  lockNeeded,
  RENEW_AHEAD_DAYS,
} from '../domain/lock.ts';
import type { StoredObject, Vault } from '../domain/records.ts';
import type { LegalHoldAnswers } from '../holds/compare-legal-holds.ts';
import type { CopyObjectState } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { keptInVault } from '../retention/kept-in-vault.ts';
import { snapshotObjects } from '../snapshot/written-parts.ts';

/**
 * Days before the end of a vault's last snapshot at which it must be locked beyond that end. The
 * renewal does so a week before; by then it is late, and there is time to find out why.
 */
const LATE_LEAD_DAYS = RENEW_AHEAD_DAYS - 2;

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** Objects of one vault asked for at once: one request per copy each. */
const QUESTIONS_AT_ONCE = 16;

type CoverageServices = Pick<Services, 'clock' | 'copies' | 'ledger'>;

/** How well the locks of a vault cover what its kept snapshots need, in both copies together. */
export interface LockCoverage {
  /** Copies of objects that S3 has told of, or that not even the ledger knows of. */
  readonly asked: number;
  /** Of these, how many are not there or locked for less than they must be. */
  readonly short: number;
  /** Copies of objects that S3 was asked about and has not told of. */
  readonly unknown: number;
  /** The first lock to end of those that must last longer; `null` when there is none. */
  readonly earliestLapse: Date | null;
  /** By how many days the extension of a lock is late at most, as `lockDelayDays` says. */
  readonly delayDays: number;
}

export interface CoverageOptions {
  readonly rule: LockRule;
  /** Asked before each question. */
  readonly hasTime: () => boolean;
  /** Gets what S3 says of legal holds on the way. */
  readonly holds: LegalHoldAnswers;
}

/**
 * Each vault's locks are asked after in one hour of the day, so that not all are at once.
 * @returns the beginning of that hour, today or else yesterday.
 */
export function lastHourOf(vaultId: string, now: Date): Date {
  const hours = Math.floor(now.getTime() / HOUR_MS);
  const since = (hours - (idTime(vaultId).getTime() % HOURS)) % HOURS;
  return new Date((hours - since) * HOUR_MS);
}

/**
 * Asks S3 in both copies about the lock of every object that a kept snapshot needs. Where a copy
 * does not answer, or the time is over, the delay is reckoned from what the ledger knows: a Region
 * that is down does not stop its locks from running out. A legal hold counts as a lock. An object
 * that lies in one copy only is not there in the other, unless a snapshot waits for its repair.
 *
 * @param services - with copies that rest when they do not answer.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function lockCoverage(
  services: CoverageServices,
  vault: Vault,
  { rule, hasTime, holds }: CoverageOptions,
): Promise<LockCoverage> {
  const count = new CoverageCount(rule, services.clock.now());
  const ask = async (needed: Needed, copy: CopyName): Promise<void> => {
    const { object, lockedUntil } = needed;
    const version = object.versions[copy];
    const recorded = new Date(lockedUntil);
    if (version !== null) {
      const state = hasTime() ? await askFor(services, copy, object.key, version) : 'not-asked';
      count.add(needed, state, recorded);
      if (typeof state === 'object') {
        holds.add(copy, object.key, { versionId: version, isOn: state.legalHold });
      }
    } else if (!needed.mayLackOne) {
      count.add(needed, undefined, recorded);
    }
  };
  const askInBoth = (needed: Needed) => Promise.all(COPY_NAMES.map((copy) => ask(needed, copy)));
  let batch: Needed[] = [];
  for await (const needed of listNeeded(services, vault)) {
    batch.push(needed);
    if (batch.length >= QUESTIONS_AT_ONCE) {
      await Promise.all(batch.map(askInBoth));
      batch = [];
    }
  }
  await Promise.all(batch.map(askInBoth));
  return count.result();
}

/** An object that a kept snapshot needs, and how long it is kept. */
interface Needed {
  readonly object: StoredObject;
  /** As the ledger has it. */
  readonly lockedUntil: string;
  readonly keeping: Keeping;
  /** How long it will be kept as far as can be seen some days ahead. */
  readonly ahead: Keeping;
  /** Whether one copy may be without it: it waits for its repair, or nobody needs it after all. */
  readonly mayLackOne: boolean;
}

async function* listNeeded(services: CoverageServices, vault: Vault): AsyncGenerator<Needed> {
  const { snapshots, keepings, ranges } = await keptInVault(services, vault);
  const ahead = await keptInVault(services, vault, LATE_LEAD_DAYS);
  const isWaiting = snapshots.some(
    ({ snapshotId, protectionState }) =>
      protectionState === 'single-copy' && keepings.has(snapshotId),
  );
  for await (const { record } of services.ledger.list('pack', { vaultId: vault.vaultId })) {
    const keeping = ranges.keepingOf(record);
    if (keeping !== null) {
      const { lockedUntil, life } = record;
      yield {
        object: record,
        lockedUntil,
        keeping,
        ahead: ahead.ranges.keepingOf(record) ?? keeping,
        // Before a seal was seen that names it, it may be of a run that was given up.
        mayLackOne: isWaiting || life === null,
      };
    }
  }
  for (const snapshot of snapshots) {
    const { snapshotId, lockedUntil, protectionState } = snapshot;
    const mayLackOne = protectionState === 'single-copy';
    const keeping = keepings.get(snapshotId);
    if (keeping !== undefined) {
      const later = ahead.keepings.get(snapshotId) ?? keeping;
      for (const object of await snapshotObjects(services, snapshot)) {
        yield { object, lockedUntil, keeping, ahead: later, mayLackOne };
      }
    }
  }
}

type Answer = CopyObjectState | undefined | 'unknown' | 'not-asked';

async function askFor(
  { copies }: CoverageServices,
  copy: CopyName,
  key: string,
  version: string,
): Promise<Answer> {
  try {
    return await copies[copy].inspect(key, version);
  } catch (error) {
    if (!isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
      throw error;
    }
    return 'unknown';
  }
}

const NEVER = new Date(0);

class CoverageCount {
  readonly #rule: LockRule;
  readonly #now: Date;
  #asked = 0;
  #short = 0;
  #unknown = 0;
  #delayDays = 0;
  #earliestLapse: Date | null = null;

  constructor(rule: LockRule, now: Date) {
    this.#rule = rule;
    this.#now = now;
  }

  add({ keeping, ahead }: Needed, answer: Answer, recorded: Date): void {
    const isKnown = answer !== 'unknown' && answer !== 'not-asked';
    this.#unknown += answer === 'unknown' ? 1 : 0;
    this.#asked += isKnown ? 1 : 0;
    if (isKnown && answer?.legalHold === true) {
      return;
    }
    const lockedUntil = isKnown ? (answer?.lockedUntil ?? NEVER) : recorded;
    if (isKnown && lockedUntil < lockNeeded(this.#rule, keeping, this.#now)) {
      this.#short += 1;
    }
    const delay = lockDelayDays(this.#rule, ahead, lockedUntil, this.#now);
    this.#delayDays = Math.max(this.#delayDays, delay);
    const mustLast = ahead.until === null || lockedUntil < ahead.until;
    if (mustLast && (this.#earliestLapse === null || lockedUntil < this.#earliestLapse)) {
      this.#earliestLapse = lockedUntil;
    }
  }

  result(): LockCoverage {
    return {
      asked: this.#asked,
      short: this.#short,
      unknown: this.#unknown,
      earliestLapse: this.#earliestLapse,
      delayDays: this.#delayDays,
    };
  }
}
