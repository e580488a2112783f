import type { LocalClock } from '../clock.ts';
import { LocalAwsError } from '../gateway/service.ts';
import { parseScheduleExpression, type ScheduleTimes } from './schedule-expression.ts';

/** A schedule as a template declares it. */
export interface Schedule {
  readonly name: string;
  readonly region: string;
  readonly expression: string;
  readonly enabled: boolean;
  /** Sends what the schedule sends; resolves when its targets have dealt with it. */
  readonly fire: (scheduledFor: Date) => Promise<void>;
}

interface Entry {
  readonly schedule: Schedule;
  readonly times: ScheduleTimes;
  next: Date | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Timers are set for at most this long and then looked at again. */
const LONGEST_TIMER_MS = 3_600_000;

/**
 * All schedules of all Regions. They follow the embedded clock: with it running, each tick fires;
 * when it is moved, a schedule fires once if at least one of its ticks was passed, as on a machine
 * that slept. A rate counts from the start of this process.
 */
export class Schedules {
  readonly #clock: LocalClock;
  readonly #paused: boolean;
  readonly #warn: (message: string) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  /**
   * Subscribe to the clock by creating this after everything whose reaction to a moved clock the
   * scheduled functions should already see.
   * @param options.paused - fire only by hand.
   */
  constructor(options: {
    readonly clock: LocalClock;
    readonly paused: boolean;
    readonly warn: (message: string) => void;
  }) {
    this.#clock = options.clock;
    this.#paused = options.paused;
    this.#warn = options.warn;
    options.clock.onMove(async (_from, to) => await this.#moved(to));
  }

  /** Adds a schedule, which starts to count now. */
  add(schedule: Schedule): void {
    const now = this.#clock.now();
    const times = parseScheduleExpression(schedule.expression, now);
    const entry: Entry = { schedule, times, next: times.next(now), timer: undefined };
    this.#entries.set(`${schedule.region}/${schedule.name}`, entry);
    this.#arm(entry);
  }

  /** All schedules with their next tick. */
  list(): Record<string, unknown>[] {
    return [...this.#entries.values()].map(({ schedule, next }) => ({
      name: schedule.name,
      region: schedule.region,
      expression: schedule.expression,
      enabled: schedule.enabled && !this.#paused,
      next: next?.toISOString(),
    }));
  }

  /**
   * Fires the schedules of this name once, also disabled ones, and waits for their targets.
   * @throws LocalAwsError `ResourceNotFoundException` when there is none.
   */
  async run(name: string): Promise<void> {
    const found = [...this.#entries.values()].filter(({ schedule }) => schedule.name === name);
    if (found.length === 0) {
      throw new LocalAwsError('ResourceNotFoundException', 404, `Schedule ${name} does not exist.`);
    }
    for (const entry of found) {
      await entry.schedule.fire(this.#clock.now());
    }
  }

  /** Stops all timers. Call `settled` after the functions were told to stop. */
  stop(): void {
    this.#stopped = true;
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.timer);
    }
  }

  /** Waits for what timers have fired. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #active(entry: Entry): boolean {
    return entry.schedule.enabled && !this.#paused && !this.#stopped;
  }

  #arm(entry: Entry): void {
    clearTimeout(entry.timer);
    if (entry.next === undefined || !this.#active(entry)) {
      return;
    }
    const wait = Math.max(0, entry.next.getTime() - this.#clock.now().getTime());
    entry.timer = setTimeout(
      () => {
        const work = this.#fireIfDue(entry, this.#clock.now());
        this.#running.add(work);
        void work.finally(() => this.#running.delete(work));
      },
      Math.min(wait, LONGEST_TIMER_MS),
    ).unref();
  }

  async #moved(to: Date): Promise<void> {
    for (const entry of this.#entries.values()) {
      await this.#fireIfDue(entry, to);
    }
  }

  async #fireIfDue(entry: Entry, now: Date): Promise<void> {
    if (!this.#active(entry)) {
      return;
    }
    const due = entry.next !== undefined && entry.next <= now ? entry.next : undefined;
    if (due !== undefined) {
      entry.next = entry.times.next(now);
    }
    this.#arm(entry);
    if (due !== undefined) {
      await entry.schedule.fire(due).catch((error: unknown) => {
        this.#warn(`schedule ${entry.schedule.name} failed: ${String(error)}`);
      });
    }
  }
}
