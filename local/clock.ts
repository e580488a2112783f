/** Told after the embedded clock moved; awaited in the order of subscription. */
export type ClockListener = (from: Date, to: Date) => Promise<void>;

/**
 * The one clock of the embedded AWS. Lock expiry, key deletion, schedules and the functions' own
 * `Date` all follow it. It runs at the speed of the machine's clock and can be moved forward.
 */
export interface LocalClock {
  now(): Date;
  /** Milliseconds the embedded clock is ahead of the machine's. */
  offset(): number;
  /**
   * Moves the clock and waits until every listener has run.
   * @throws LocalAwsError `ValidationException` when `to` lies before `now()`.
   */
  moveTo(to: Date): Promise<void>;
  onMove(listener: ClockListener): void;
}
