import { z } from 'zod';
import { daysInMonth, localDateText } from './local-date.ts';
import { clockStartOf, findPreset } from './retention-preset.ts';
import { isTimeZone } from './time-zone.ts';

/** A leap year, so that 29 February can end a fiscal year. */
const LEAP_YEAR = 2000;

/** KMS ScheduleKeyDeletion, PendingWindowInDays. */
const KMS_WINDOW_DAYS = { least: 7, most: 30 } as const;

const yearEnd = z
  .strictObject({ month: z.int().min(1).max(12), day: z.int().min(1).max(31) })
  .refine(({ month, day }) => day <= daysInMonth(LEAP_YEAR, month), {
    error: 'must be a day of its month',
  })
  .readonly();

/** Ids of legal rules. One date per record must be able to start all their clocks. */
const rules = z
  .array(z.string().refine((id) => findPreset(id) !== undefined, { error: 'is no preset' }))
  .min(1)
  .refine((ids) => new Set(ids).size === ids.length, { error: 'must be named once each' })
  .refine((ids) => datesNeeded(ids).size <= 1, { error: 'must start with the same kind of date' })
  .readonly();

/**
 * A policy as it is written down: what a firm decided about one class of records. Unknown fields
 * are refused, so that a misspelt rule is never silently missing.
 */
export const policyDocument = z.strictObject({
  /** Short stable name, such as `engagement-10y`. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  /** Counts up with every change of the document. */
  version: z.int().min(1),
  title: z.string().trim().min(1).max(200),
  /** The presets whose law it stands on. With several on one record the later end wins. */
  rules,
  /** The date by which somebody is to look at the law again. */
  reviewBy: localDateText,
  /** IANA zone whose midnights end its days. */
  timeZone: z.string().refine(isTimeZone, { error: 'is no IANA time zone' }),
  fiscalYearEnd: yearEnd,
  backup: z
    .strictObject({
      /** Hours between scheduled backups. */
      everyHours: z.int().min(1),
    })
    .readonly(),
  snapshots: z
    .strictObject({
      /** Days a snapshot is kept, and so locked, from its creation. */
      keepDays: z.int().min(1),
    })
    .readonly(),
  lock: z
    .strictObject({
      /** Locks end on multiples of this many days since 1970-01-01, so that they move rarely. */
      gridDays: z.int().min(1),
    })
    .readonly(),
  erasure: z
    .strictObject({
      /** Days between disabling the keys and scheduling their deletion. */
      graceDays: z.int().min(0),
      /** KMS waiting period in days, 7 to 30. */
      windowDays: z.int().min(KMS_WINDOW_DAYS.least).max(KMS_WINDOW_DAYS.most),
    })
    .readonly(),
});

export type PolicyDocument = Readonly<z.infer<typeof policyDocument>>;

/** @returns the kinds of date that start the clocks of some presets; unknown ones have none. */
function datesNeeded(ids: readonly string[]): Set<string> {
  const needed = ids.flatMap((id) => {
    const preset = findPreset(id);
    const start = preset === undefined ? 'never' : clockStartOf(preset);
    return start === 'event' ? [[...(preset?.start ?? [])].sort().join()] : start;
  });
  // A fiscal and a calendar year are both found by the record's own date.
  const dates = needed.map((start) => (start.endsWith('-year') ? 'record' : start));
  return new Set(dates.filter((date) => date !== 'never'));
}
