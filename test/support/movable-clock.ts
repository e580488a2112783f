import { daysAfter } from '../../shared/domain/lock.ts';
import type { Clock } from '../../shared/ports/clock.ts';

/** Told after the clock moved; awaited in the order of subscription. */
export type MoveListener = (from: Date, to: Date) => Promise<void>;

/** A clock that stands still until a test moves it. */
export class MovableClock implements Clock {
  #now: Date;
  readonly #listeners: MoveListener[] = [];

  /** @param start - default 2026-11-02T08:00:00Z, a Monday. */
  constructor(start: Date = new Date('2026-11-02T08:00:00Z')) {
    this.#now = start;
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Moves the clock, forward only, and waits until every listener has run. */
  async moveTo(to: Date): Promise<void> {
    const from = this.#now;
    if (to < from) {
      throw new RangeError('A clock only moves forward.');
    }
    this.#now = to;
    for (const listener of this.#listeners) {
      await listener(from, to);
    }
  }

  async moveDays(days: number): Promise<void> {
    await this.moveTo(daysAfter(this.#now, days));
  }

  onMove(listener: MoveListener): void {
    this.#listeners.push(listener);
  }
}
