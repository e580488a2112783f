import { addDays, type LocalDate, utcDateOf, utcMidnight } from './local-date.ts';

const HOUR_MS = 3_600_000;

/**
 * No clock is further from UTC than 16 hours, and 26 hours lie between the first and the last zone
 * to see a day; 48 hours around a midnight hold every change of a clock that can matter to it.
 */
const REACH_HOURS = 48;

/** Clocks are not changed twice within so few hours. */
const STEP_HOURS = 6;

/** Building a formatter is costly; there are a few hundred zones at most. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** @returns whether `name` is an IANA time zone of this machine, such as `Asia/Shanghai`. */
export function isTimeZone(name: string): boolean {
  // `+08:00` is accepted by Intl but is no zone: it knows no law that changes clocks.
  if (!/^[A-Za-z]/.test(name)) {
    return false;
  }
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** @returns the date that clocks of a zone show at an instant. */
export function localDateAt(instant: Date, timeZone: string): LocalDate {
  return utcDateOf(new Date(instant.getTime() + offsetAt(instant.getTime(), timeZone)));
}

/** @returns what clocks of a zone show at an instant, such as `2026-11-30 02:00:00`. */
export function clockTimeAt(instant: Date, timeZone: string): string {
  const shown = new Date(instant.getTime() + offsetAt(instant.getTime(), timeZone));
  return shown.toISOString().slice(0, 19).replace('T', ' ');
}

/**
 * @returns the day an instant lies in when days are cut where `endOfDay` cuts them, so that no
 * later instant lies in an earlier day. It differs from what clocks show where they are put back
 * over midnight: what lies before the second midnight is of the day before.
 */
export function dayAt(instant: Date, timeZone: string): LocalDate {
  const shown = localDateAt(instant, timeZone);
  const before = addDays(shown, -1);
  return instant < endOfDay(before, timeZone) ? before : shown;
}

/**
 * The instant from which on clocks of a zone never show `date` again: local midnight after it.
 * Where midnight is skipped it is the first moment of the next day; where clocks are put back over
 * midnight it is the second midnight, so that no part of the day is cut off.
 */
export function endOfDay(date: LocalDate, timeZone: string): Date {
  const midnight = utcMidnight(date).getTime() + 24 * HOUR_MS;
  const ends = steadyTimes(midnight, timeZone)
    // Steady clocks show the date or an earlier one until `midnight - offset`.
    .map(({ from, to, offset }) => ({ from, end: Math.min(to, midnight - offset) }))
    .filter(({ from, end }) => end > from)
    .map(({ end }) => end);
  return new Date(Math.max(...ends));
}

/** A time without a change of clocks, from the first millisecond to the one after the last. */
interface SteadyTime {
  readonly from: number;
  readonly to: number;
  /** What is added to UTC, in milliseconds. */
  readonly offset: number;
}

/** @returns the times around `middle` between which the zone's clocks are changed. */
function steadyTimes(middle: number, timeZone: string): SteadyTime[] {
  const times: SteadyTime[] = [];
  const last = middle + REACH_HOURS * HOUR_MS;
  let from = middle - REACH_HOURS * HOUR_MS;
  let offset = offsetAt(from, timeZone);
  for (let seen = from; seen < last; seen += STEP_HOURS * HOUR_MS) {
    const next = seen + STEP_HOURS * HOUR_MS;
    const nextOffset = offsetAt(next, timeZone);
    if (nextOffset !== offset) {
      const change = firstChange(seen, next, timeZone);
      times.push({ from, to: change, offset });
      [from, offset] = [change, nextOffset];
    }
  }
  return [...times, { from, to: last, offset }];
}

/** @returns the first millisecond after `before` that has the offset of `after`. */
function firstChange(before: number, after: number, timeZone: string): number {
  const offset = offsetAt(before, timeZone);
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle, timeZone) === offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high;
}

/** @returns what a zone's clocks show minus UTC, in milliseconds. */
function offsetAt(instant: number, timeZone: string): number {
  const shown: Record<string, number> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(instant)) {
    shown[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  const millisecond = ((instant % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond) - instant;
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) {
    return known;
  }
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}
