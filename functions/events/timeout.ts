/**
 * Switches off middy's own answer shortly before the time limit. The work behind it would go on in
 * the frozen environment and wake up within a later invocation; Lambda itself ends it for good, and
 * reports `Sandbox.Timedout`, which the state machine repeats.
 */
export const KILLED_BY_LAMBDA = { timeoutEarlyInMillis: 0 } as const;
