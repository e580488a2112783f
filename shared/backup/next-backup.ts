const HOUR_MS = 3_600_000;

/** Hours after which a vault whose backup failed is tried again by the schedule. */
const RETRY_HOURS = 1;

/**
 * @param createdAt - when the vault was opened, ISO 8601.
 * @returns when it is due next, ISO 8601: the first step of `everyHours` after `now`, counted from
 * `createdAt`. So nothing shifts its schedule: no run by hand, no late one, and no retry.
 */
export function nextBackupAt(createdAt: string, everyHours: number, now: Date): string {
  const step = everyHours * HOUR_MS;
  const from = new Date(createdAt).getTime();
  const steps = Math.floor((now.getTime() - from) / step) + 1;
  return new Date(from + steps * step).toISOString();
}

/**
 * @param due - when the vault was or is due, ISO 8601.
 * @returns when it is due again because a run has failed, ISO 8601.
 */
export function retryBackupAt(due: string, everyHours: number, now: Date): string {
  const retry = now.getTime() + Math.min(RETRY_HOURS, everyHours) * HOUR_MS;
  return new Date(due).getTime() > retry ? due : new Date(retry).toISOString();
}
