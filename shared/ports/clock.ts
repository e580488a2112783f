/** The caller's clock. Nothing else under `shared/` knows the time. */
export interface Clock {
  now(): Date;
}

/** Source of ULIDs: unique, and sorted by the clock's time. */
export interface Ids {
  next(): string;
}

/** Waits for a time by chance, so that writers who met once do not meet again. */
export interface Pauses {
  /** Waits between nothing and `mostMs` milliseconds. */
  upTo(mostMs: number): Promise<void>;
}
