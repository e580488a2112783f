/** The caller's clock. Nothing else under `shared/` knows the time. */
export interface Clock {
  now(): Date;
}

/** Source of ULIDs: unique, and sorted by the clock's time. */
export interface Ids {
  next(): string;
}
