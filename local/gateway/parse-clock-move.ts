import { LocalAwsError } from './service.ts';

/**
 * Reads where the clock shall be moved to: `{ "to": "<ISO instant>" }`,
 * `{ "by": "<ISO duration>" }` or either text alone. A duration's years and months follow the UTC
 * calendar; a day is 24 hours.
 * @throws LocalAwsError `ValidationException` when it is none of these.
 */
export function parseClockMove(body: string, now: Date): Date {
  const text = body.trim();
  if (text.startsWith('{')) return parseObject(text, now);
  return text.startsWith('P') ? addDuration(now, text) : parseInstant(text);
}

function parseObject(text: string, now: Date): Date {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('the body is not JSON');
  }
  const { to, by } = value as { to?: unknown; by?: unknown };
  if (typeof to === 'string' && by === undefined) return parseInstant(to);
  if (typeof by === 'string' && to === undefined) return addDuration(now, by);
  throw invalid('give either "to" (an instant) or "by" (a duration)');
}

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

function parseInstant(text: string): Date {
  const instant = INSTANT.test(text) ? new Date(text) : undefined;
  if (instant === undefined || Number.isNaN(instant.getTime())) {
    throw invalid('an instant looks like 2030-01-31T00:00:00Z, a duration like P8D or PT1H');
  }
  return instant;
}

const DATE_PART = /(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?/.source;
const TIME_PART = /(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?/.source;
const DURATION = new RegExp(`^P(?=[\\dT])${DATE_PART}(?:T(?=\\d)${TIME_PART})?$`);

const DAY_MS = 86_400_000;

function addDuration(from: Date, text: string): Date {
  const match = DURATION.exec(text);
  if (match === null) throw invalid('a duration looks like P1Y2M3W4DT5H6M7S');
  const [years, months, weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const moved = addMonths(from, years * 12 + months).getTime();
  const rest = (weeks * 7 + days) * DAY_MS + hours * 3_600_000 + minutes * 60_000 + seconds * 1000;
  const result = new Date(moved + rest);
  if (Number.isNaN(result.getTime())) throw invalid('the duration is too long');
  return result;
}

/** Adds calendar months; a day the month does not have becomes its last day. */
function addMonths(from: Date, months: number): Date {
  const result = new Date(from);
  result.setUTCDate(1);
  result.setUTCMonth(result.getUTCMonth() + months);
  const year = result.getUTCFullYear();
  const lastDay = new Date(Date.UTC(year, result.getUTCMonth() + 1, 0)).getUTCDate();
  result.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return result;
}

function invalid(message: string): LocalAwsError {
  return new LocalAwsError('ValidationException', 400, `clock: ${message}`);
}
