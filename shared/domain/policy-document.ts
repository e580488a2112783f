import { z } from 'zod';
import { daysInMonth, localDateText } from './local-date.ts';
import { lockReachDays } from './policy-locks.ts';
import { JURISDICTIONS } from './regions.ts';
import { clockStartOf, findPreset, ownRule, type RetentionPreset } from './retention-preset.ts';
import { isTimeZone } from './time-zone.ts';

/** A leap year, so that 29 February can end a fiscal year. */
const LEAP_YEAR = 2000;

/** Days of a hundred years: what S3 Object Lock takes in days (`ObjectLockRule.Days`). */
const MOST_DAYS = 36_525;

/** Longest lock of records that may have to be returned or deleted any day, grid included. */
const LONGEST_PROCESSOR_LOCK_DAYS = 365;

const PROCESSOR_MODE =
  'must be rolling for a processor, who returns or deletes when the contract ends';
const PROCESSOR_LOCK =
  `must reach at most ${LONGEST_PROCESSOR_LOCK_DAYS} days ahead for a processor, ` +
  'the grid included';

/** KMS ScheduleKeyDeletion, PendingWindowInDays. */
const KMS_WINDOW_DAYS = { least: 7, most: 30 } as const;

const yearEnd = z
  .strictObject({ month: z.int().min(1).max(12), day: z.int().min(1).max(31) })
  .refine(({ month, day }) => day <= daysInMonth(LEAP_YEAR, month), {
    error: 'must be a day of its month',
  })
  .readonly();

const presetId = z.string().refine((id) => findPreset(id) !== undefined, { error: 'is no preset' });

/** A preset by its id, or a rule of the firm's own in full. */
export type RuleOrId = z.infer<typeof presetId> | RetentionPreset;

/** Legal rules. One date per record must be able to start all their clocks. */
const rules = z
  .array(z.union([presetId, ownRule]))
  .min(1)
  .refine((named) => new Set(named.map(idOf)).size === named.length, {
    error: 'must be named once each',
  })
  .refine((named) => datesNeeded(named).size <= 1, {
    error: 'must start with the same kind of date',
  })
  .readonly();

/** Points of each tier that are kept, at most for a hundred years. */
const keep = z
  .strictObject({
    hourly: z.int().min(0).max(876_600),
    daily: z.int().min(0).max(MOST_DAYS),
    weekly: z.int().min(0).max(5_217),
    monthly: z.int().min(0).max(1_200),
    yearly: z.int().min(0).max(100),
  })
  .refine((counts) => Object.values(counts).some((count) => count > 0), {
    error: 'must keep at least one point in time',
  })
  .readonly();

const backup = z
  .strictObject({
    /** Hours between scheduled backups. */
    everyHours: z.int().min(1),
    /** Hours of work that may be lost at most: no older must the last snapshot be. */
    rpoHours: z.int().min(1),
  })
  .refine(({ everyHours, rpoHours }) => rpoHours >= everyHours, {
    path: ['rpoHours'],
    error: 'must not be less than everyHours',
  })
  .readonly();

const lock = z
  .strictObject({
    /**
     * - `rolling`: to the horizon, extended as time goes on
     * - `full`: to the end of the snapshot, from its first day
     */
    mode: z.enum(['rolling', 'full']),
    /** Days that every object a kept snapshot needs stays locked, from any moment on. */
    minimumDays: z.int().min(1).max(MOST_DAYS),
    /** Days that a rolling lock reaches ahead at most, before it is rounded up to the grid. */
    horizonDays: z.int().min(1).max(MOST_DAYS),
    /** Locks end on multiples of this many days since 1970-01-01, so that they move rarely. */
    gridDays: z.int().min(1).max(MOST_DAYS),
  })
  .refine(({ minimumDays, horizonDays }) => minimumDays <= horizonDays, {
    path: ['minimumDays'],
    error: 'must not be more than horizonDays',
  })
  .refine(({ gridDays, horizonDays }) => gridDays <= horizonDays, {
    path: ['gridDays'],
    error: 'must not be more than horizonDays',
  })
  .readonly();

const erasure = z
  .strictObject({
    /** Days between disabling the keys and scheduling their deletion. */
    graceDays: z.int().min(0).max(MOST_DAYS),
    /** KMS waiting period in days, 7 to 30. */
    windowDays: z.int().min(KMS_WINDOW_DAYS.least).max(KMS_WINDOW_DAYS.most),
    /** People who must approve an erasure, besides the one who asks for it. */
    approvals: z.int().min(1).max(3),
    /** Whether a key that somebody disables or schedules from outside is put right at once. */
    undoForeignKeyEvents: z.boolean(),
  })
  .readonly();

/**
 * A policy as it is written down: what a firm decided about one class of records. Unknown fields
 * are refused, so that a misspelt rule is never silently missing.
 */
export const policyDocument = z
  .strictObject({
    /** Short stable name, such as `engagement-10y`. */
    id: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
    /** Counts up with every change of the document. */
    version: z.int().min(1),
    title: z.string().trim().min(1).max(200),
    /** The law it stands on. With several rules on one record the later end wins. */
    rules,
    /** The date by which somebody is to look at the law again. */
    reviewBy: localDateText,
    /** IANA zone whose midnights end its days. */
    timeZone: z.string().refine(isTimeZone, { error: 'is no IANA time zone' }),
    fiscalYearEnd: yearEnd,
    /**
     * Whose duty the records are. Who keeps them only on behalf of a client (`processor`) must
     * return or delete them when the contract ends (个人信息保护法 21).
     */
    role: z.enum(['controller', 'processor']),
    backup,
    snapshots: z.strictObject({ keep }).readonly(),
    lock,
    /** Days after which a pack that still holds expired records is written anew without them. */
    lingerDays: z.int().min(1).max(MOST_DAYS),
    erasure,
    /** Days between drills of restoring; `null`: none is run. */
    drillEveryDays: z.int().min(1).max(MOST_DAYS).nullable(),
    /** Jurisdiction in which both copies must lie, such as `eu`; `null` when it does not matter. */
    residency: z
      .string()
      .refine((name) => JURISDICTIONS.includes(name), { error: 'is no jurisdiction of a Region' })
      .nullable(),
  })
  .superRefine(({ role, lock, snapshots }, context) => {
    if (role === 'processor' && lock.mode === 'full') {
      context.addIssue({ code: 'custom', path: ['lock', 'mode'], message: PROCESSOR_MODE });
    }
    if (role === 'processor' && lockReachDays({ lock, snapshots }) > LONGEST_PROCESSOR_LOCK_DAYS) {
      context.addIssue({ code: 'custom', path: ['lock'], message: PROCESSOR_LOCK });
    }
  });

export type PolicyDocument = Readonly<z.infer<typeof policyDocument>>;

/** @returns a rule as a policy names it, or has it; `undefined` for an unknown id. */
export function findRule(rule: RuleOrId): RetentionPreset | undefined {
  return typeof rule === 'string' ? findPreset(rule) : rule;
}

function idOf(rule: RuleOrId): string {
  return typeof rule === 'string' ? rule : rule.id;
}

/** @returns the kinds of date that start the clocks of some presets; unknown ones have none. */
function datesNeeded(named: readonly RuleOrId[]): Set<string> {
  const needed = named.flatMap((rule) => {
    const preset = findRule(rule);
    const start = preset === undefined ? 'never' : clockStartOf(preset);
    return start === 'event' ? [[...(preset?.start ?? [])].sort().join()] : start;
  });
  // A fiscal and a calendar year are both found by the record's own date.
  const dates = needed.map((start) => (start.endsWith('-year') ? 'record' : start));
  return new Set(dates.filter((date) => date !== 'never'));
}
