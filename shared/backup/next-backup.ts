const HOUR_MS = 3_600_000;

/** Hours after which a vault whose backup failed is tried again by the schedule. */
const RETRY_HOURS = 1;

/**
 * @param due - when the vault was due, ISO 8601; `null` when it was not scheduled.
 * @returns when it is due next, ISO 8601: the first step of `everyHours` after `now`, counted from
 * `due`. A run by hand before the vault is due thus does not move its schedule, and a late run does
 * not shift it.
 */
export function nextBackupAt(due: string | null, everyHours: number, now: Date): string {
  const step = everyHours * HOUR_MS;
  const from = due === null ? now.getTime() : new Date(due).getTime();
  const missed = Math.max(0, Math.floor((now.getTime() - from) / step) + 1);
  return new Date(from + missed * step).toISOString();
}

/** @returns when a vault whose run failed is due again, ISO 8601. */
export function retryBackupAt(due: string | null, everyHours: number, now: Date): string {
  const retry = now.getTime() + Math.min(RETRY_HOURS, everyHours) * HOUR_MS;
  const isLater = due !== null && new Date(due).getTime() > retry;
  return isLater ? due : new Date(retry).toISOString();
}
