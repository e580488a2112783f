import type { SeededRandom } from '../../bench/seeded-random.ts';
import { writeCheckpoint } from '../../shared/audit/write-checkpoint.ts';
import { recordBackupFailure } from '../../shared/backup/record-backup-failure.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { startDueBackups } from '../../shared/backup/start-due-backups.ts';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { endRetention } from '../../shared/closing/end-retention.ts';
import { isFault } from '../../shared/domain/errors.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { compareKeys } from '../../shared/erasure/compare-keys.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import type { Services } from '../../shared/ports/services.ts';
import { renewProofs } from '../../shared/proof/renew-proofs.ts';
import { checkProtection } from '../../shared/protection/check-protection.ts';
import { repairCopies } from '../../shared/repair/repair-copies.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { reconcileErased } from '../../shared/tombstone/reconcile-erased.ts';
import { verifyShare } from '../../shared/verify/verify-share.ts';
import { stoppingAfter } from '../support/stopping-services.ts';
import { Violation } from './check-copies.ts';
import { SIMULATED_VERSION, type SimulatedWorld } from './simulated-world.ts';

const ALWAYS = () => true;

/** Plaintext bytes of a pack: a few records, so that vaults have many. */
const PACK_BYTES = 16_000;

/** Attempts that the state machine makes before it gives a run up. */
const ATTEMPTS = 3;

/** A function is killed once in so many starts, at one of its first so many calls. */
const KILLED_IN = 60;
const KILL_WITHIN_CALLS = 250;

type Work = (services: Services) => Promise<unknown>;

/** What runs each day, beside the backups. */
const DAILY: Readonly<Record<string, Work>> = {
  'renew-locks': (services) => renewLocks(services, ALWAYS),
  'sweep-copies': (services) => sweepCopies(services, ALWAYS),
  'apply-holds': (services) => applyHolds(services),
  'repair-copies': (services) => repairCopies(services),
  'check-protection': checkProtection,
  'compare-keys': (services) => compareKeys(services, ALWAYS),
  'advance-erasures': advanceDueErasures,
  'confirm-erasures': confirmDueErasures,
  'certify-erasures': (services) => certifyDueErasures(services, SIMULATED_VERSION),
  'end-retention': endRetention,
  'compare-tombstones': (services) => reconcileErased(services, ALWAYS),
  'renew-proofs': (services) => renewProofs(services, ALWAYS),
};

/** What runs each day too, and costs too much here to be run more often than each week. */
const WEEKLY: Readonly<Record<string, Work>> = {
  'write-checkpoint': writeCheckpoint,
  'verify-share': (services) => verifyShare(services, ALWAYS),
};

/** What a Region that is down makes a function fail with. */
export const OUTAGE = ['COPY_UNAVAILABLE', 'KEYS_UNAVAILABLE'] as const;

/** Which functions got through to their end. */
export type Passed = ReadonlySet<string>;

/** Runs the functions of a day in an order of its own; now and then one is killed at some call. */
export class DailyFunctions {
  kills = 0;
  readonly #world: SimulatedWorld;
  readonly #random: SeededRandom;

  constructor(world: SimulatedWorld, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
    world.memory.pipeline.wire({
      backup: (vaultId, runId) => this.#backUp(vaultId, runId),
    });
  }

  /** @returns the functions that were neither killed nor failed. */
  async run(today: {
    readonly backsUp: boolean;
    readonly isWeekly: boolean;
    readonly isDown: boolean;
  }): Promise<Passed> {
    const schedule: Readonly<Record<string, Work>> = {
      ...DAILY,
      ...(today.isWeekly ? WEEKLY : {}),
      ...(today.backsUp ? { 'schedule-backups': startDueBackups } : {}),
    };
    const passed = new Set<string>();
    const waiting = Object.entries(schedule);
    while (waiting.length > 0) {
      const [next] = waiting.splice(this.#random.below(waiting.length), 1);
      if (next !== undefined && (await this.#runOne(next[0], next[1], today.isDown))) {
        passed.add(next[0]);
      }
    }
    return passed;
  }

  async #runOne(name: string, work: Work, isDown: boolean): Promise<boolean> {
    const { extensions } = this.#world;
    const wasExcused = extensions.isExcused;
    // A repair asks for the locks of what it has found in place, and of what it has written.
    extensions.isExcused ||= name === 'repair-copies';
    try {
      // What the schedule starts are functions of their own, killed by themselves.
      await (name === 'schedule-backups' ? work(this.#world.services) : this.#kill(work));
      return true;
    } catch (error) {
      if (isKill(error) || (isDown && isFault(error, ...OUTAGE))) {
        return false;
      }
      throw new Violation(`${name} has failed: ${String(error)}`, { cause: error });
    } finally {
      extensions.isExcused = wasExcused;
    }
  }

  /** Attempts as the state machine makes them; what they have left, the next run does not need. */
  async #backUp(vaultId: string, runId: string): Promise<void> {
    const address = { vaultId, runId };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        await this.#kill((services) => runBackup(services, address, { packBytes: PACK_BYTES }));
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !isKill(error)) {
          const name = isFault(error) ? error.code : 'Killed';
          await recordBackupFailure(this.#world.services, { ...address, error: name });
          throw error;
        }
      }
    }
  }

  async #kill(work: Work): Promise<void> {
    const { services, extensions } = this.#world;
    if (this.#random.below(KILLED_IN) > 0) {
      await work(services);
      return;
    }
    const point = 1 + this.#random.below(KILL_WITHIN_CALLS);
    const when = this.#random.pick(['before', 'after'] as const);
    const mark = extensions.mark();
    const stopping = stoppingAfter(services, point, when);
    try {
      await work(stopping.services);
    } finally {
      if (stopping.calls() >= point) {
        this.kills += 1;
        extensions.excuseSince(mark);
      }
    }
    if (stopping.calls() >= point) {
      throw stopping.failure;
    }
  }
}

/** @returns whether a function ended because it was killed. */
export function isKill(error: unknown): boolean {
  return error instanceof Error && error.message === 'killed';
}
