import {
  addDays,
  compareLocalDates,
  daysInMonth,
  type LocalDate,
  utcMidnight,
} from './local-date.ts';
import { dayAt, endOfDay } from './time-zone.ts';

/** The kinds of points in time a policy keeps, finest first. */
export const TIERS = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type Tier = (typeof TIERS)[number];
type DayTier = Exclude<Tier, 'hourly'>;

/** How many points of each tier are kept; 0 for none. */
export type Keep = Readonly<Record<Tier, number>>;

/** Which tiers a snapshot carries, and until when it is kept for the longest of them. */
export interface Rotation {
  /** Finest first; empty for an extra one, made when all its periods had theirs. */
  readonly tiers: readonly Tier[];
  readonly retainUntil: Date;
}

/** Days an extra snapshot is kept: a week to notice what it was made for. */
const EXTRA_DAYS = 7;

const HOUR_MS = 3_600_000;
const MONTHS = 12;

/**
 * Decides at its creation how long a snapshot is kept. It carries a tier when it is the first of
 * its hour, day, ISO week, month or year, and is kept until that many further periods are over:
 * with 35 daily points to the end of the 35th day after its own. So there are never fewer points
 * than configured while the last period's run is still to come, however late in its period it
 * comes; and a run that is missed changes the end of no other.
 *
 * An extra snapshot is kept as long as one of the finest tier, at most 7 days.
 *
 * @param timeZone - IANA zone whose days, weeks, months and years count. Hours are those of UTC: a
 * zone's clocks show some hours twice and others never.
 * @param previousCreatedAt - the snapshot before; `null` for the first one, which carries all.
 */
export function rotate(
  keep: Keep,
  timeZone: string,
  createdAt: Date,
  previousCreatedAt: Date | null,
): Rotation {
  const kept = TIERS.filter((tier) => keep[tier] > 0);
  const at = momentOf(createdAt, timeZone);
  const before = previousCreatedAt && momentOf(previousCreatedAt, timeZone);
  const tiers = kept.filter((tier) => before === null || !isSamePeriod(tier, at, before));
  if (tiers.length > 0) {
    return { tiers, retainUntil: latestEnd(keep, tiers, at, timeZone) };
  }
  const asFinest = latestEnd(keep, kept.slice(0, 1), at, timeZone);
  const afterDays = endOfDay(addDays(at.day, EXTRA_DAYS), timeZone);
  return { tiers, retainUntil: asFinest < afterDays ? asFinest : afterDays };
}

/** An instant as the tiers see it. */
interface Moment {
  /** Hours since 1970-01-01T00:00Z. */
  readonly hour: number;
  readonly day: LocalDate;
}

function momentOf(instant: Date, timeZone: string): Moment {
  return { hour: Math.floor(instant.getTime() / HOUR_MS), day: dayAt(instant, timeZone) };
}

function isSamePeriod(tier: Tier, left: Moment, right: Moment): boolean {
  return tier === 'hourly'
    ? left.hour === right.hour
    : compareLocalDates(LAST_DAY[tier](left.day, 0), LAST_DAY[tier](right.day, 0)) === 0;
}

/** @returns the last day of the period that many periods after the one `day` lies in. */
const LAST_DAY: Readonly<Record<DayTier, (day: LocalDate, later: number) => LocalDate>> = {
  daily: addDays,
  weekly: (day, later) => {
    const daysToSunday = (7 - utcMidnight(day).getUTCDay()) % 7;
    return addDays(day, daysToSunday + 7 * later);
  },
  monthly: ({ year, month }, later) => {
    const count = year * MONTHS + (month - 1) + later;
    return lastOfMonth(Math.floor(count / MONTHS), (count % MONTHS) + 1);
  },
  yearly: ({ year }, later) => lastOfMonth(year + later, MONTHS),
};

function lastOfMonth(year: number, month: number): LocalDate {
  return { year, month, day: daysInMonth(year, month) };
}

/** @returns when the last of some tiers has no use for a snapshot any more. */
function latestEnd(
  keep: Keep,
  tiers: readonly Tier[],
  { hour, day }: Moment,
  timeZone: string,
): Date {
  const [lastDay] = tiers
    .filter((tier): tier is DayTier => tier !== 'hourly')
    .map((tier) => LAST_DAY[tier](day, keep[tier]))
    .sort((left, right) => compareLocalDates(right, left));
  const dayEnd = lastDay === undefined ? 0 : endOfDay(lastDay, timeZone).getTime();
  const hourEnd = tiers.includes('hourly') ? (hour + keep.hourly + 1) * HOUR_MS : 0;
  return new Date(Math.max(dayEnd, hourEnd));
}
