import { LocalAwsError } from '../gateway/service.ts';

/** The minutes, hours, … a cron expression allows; `undefined` means any. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number> | undefined;
  readonly lastDayOfMonth: boolean;
  /** Sunday is 1, as on AWS. */
  readonly daysOfWeek: ReadonlySet<number> | undefined;
  readonly years: ReadonlySet<number> | undefined;
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

/** No tick within this many days means there is none (leap years repeat within 8 years). */
const SEARCH_DAYS = 8 * 366;

const DAY_MS = 86_400_000;

/**
 * Parses the six fields inside AWS's `cron(...)`: minutes, hours, day of month, month, day of
 * week, year.
 * @throws LocalAwsError `ValidationException`; `W`, `#` and `<day>L` are not supported here.
 */
export function parseCron(fields: string): Cron {
  const parts = fields.trim().split(/\s+/);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = parts;
  if (parts.length !== 6 || !minutes || !hours || !dayOfMonth || !month || !dayOfWeek || !year) {
    throw invalid(`cron(${fields}) does not have six fields`);
  }
  return {
    minutes: parseField(minutes, 0, 59, []),
    hours: parseField(hours, 0, 23, []),
    months: parseField(month, 1, 12, MONTHS),
    daysOfMonth:
      isAny(dayOfMonth) || dayOfMonth === 'L' ? undefined : parseField(dayOfMonth, 1, 31, []),
    lastDayOfMonth: dayOfMonth === 'L',
    daysOfWeek: isAny(dayOfWeek) ? undefined : parseField(dayOfWeek, 1, 7, WEEKDAYS),
    years: isAny(year) ? undefined : parseField(year, 1970, 2199, []),
  };
}

/** The first minute after `after` that the expression names, in UTC. */
export function nextCronTick(cron: Cron, after: Date): Date | undefined {
  const start = Math.floor(after.getTime() / 60_000) * 60_000 + 60_000;
  const firstDay = Math.floor(start / DAY_MS) * DAY_MS;
  for (let index = 0; index <= SEARCH_DAYS; index += 1) {
    const day = new Date(firstDay + index * DAY_MS);
    if (!allowsDay(cron, day)) continue;
    for (const hour of [...cron.hours].sort((a, b) => a - b)) {
      for (const minute of [...cron.minutes].sort((a, b) => a - b)) {
        const tick = day.getTime() + (hour * 60 + minute) * 60_000;
        if (tick >= start) return new Date(tick);
      }
    }
  }
  return undefined;
}

function allowsDay(cron: Cron, day: Date): boolean {
  const lastDay = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  return (
    cron.months.has(day.getUTCMonth() + 1) &&
    (cron.years?.has(day.getUTCFullYear()) ?? true) &&
    (cron.daysOfMonth?.has(day.getUTCDate()) ?? true) &&
    (!cron.lastDayOfMonth || day.getUTCDate() === lastDay) &&
    (cron.daysOfWeek?.has(day.getUTCDay() + 1) ?? true)
  );
}

function isAny(field: string): boolean {
  return field === '*' || field === '?';
}

function parseField(field: string, low: number, high: number, names: string[]): Set<number> {
  const values = new Set<number>();
  for (const item of field.split(',')) {
    const [range = '', stepText] = item.split('/');
    const [from = '', to] = isAny(range) ? [String(low), String(high)] : range.split('-');
    const first = parseValue(from, low, high, names);
    const openEnd = stepText === undefined ? first : high;
    const last = to === undefined ? openEnd : parseValue(to, low, high, names);
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!Number.isInteger(step) || step < 1) throw invalid(`cron step ${item}`);
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

function parseValue(text: string, low: number, high: number, names: string[]): number {
  const named = names.indexOf(text.toUpperCase());
  const value = named === -1 ? Number(text) : named + 1;
  if (!Number.isInteger(value) || value < low || value > high) {
    throw invalid(`cron value ${text}`);
  }
  return value;
}

function invalid(reason: string): LocalAwsError {
  return new LocalAwsError('ValidationException', 400, `local schedules cannot use ${reason}`);
}
