import { eraseDue, lastDayKept } from './calendar.ts';
import { compareLocalDates, type LocalDate } from './local-date.ts';
import { type Policy, rulesOf } from './policy.ts';
import { clockStartOf, type RetentionPreset, termOf } from './retention-preset.ts';

/** Until when a record must be kept, and by which rules. */
export interface Retention {
  /** `null` when it is kept for ever. */
  readonly lastDayKept: LocalDate | null;
  /** Local midnight after that day in the policy's zone; `null` when that is never. */
  readonly eraseDue: Date | null;
  /** Every rule of the policy, the latest end first. */
  readonly because: readonly RetentionReason[];
}

/** One rule and its end. */
export interface RetentionReason {
  readonly preset: RetentionPreset;
  /** `null` when the rule keeps for ever. */
  readonly lastDayKept: LocalDate | null;
  /** Whether no other rule of the policy ends later. */
  readonly decides: boolean;
}

/**
 * Until when a policy's law keeps a record. With several rules on one record the later end wins
 * (税收征收管理法实施细则 29, 电子商务法 31), and all are listed.
 *
 * @param event - what starts the clocks: the record's own date where a fiscal or tax year does, the
 * day of the event otherwise. The rules of one policy all need the same one.
 */
export function retentionOf(
  policy: Pick<Policy, 'rules' | 'timeZone' | 'fiscalYearEnd'>,
  event: LocalDate,
): Retention {
  const ends = rulesOf(policy)
    .map((preset) => {
      const started = { term: termOf(preset), start: clockStartOf(preset) };
      return { preset, lastDayKept: lastDayKept(started, event, policy.fiscalYearEnd) };
    })
    .toSorted((left, right) => compareEnds(right.lastDayKept, left.lastDayKept));
  const latest = ends[0]?.lastDayKept ?? null;
  return {
    lastDayKept: latest,
    eraseDue: eraseDue(latest, policy.timeZone),
    because: ends.map((end) => ({ ...end, decides: compareEnds(end.lastDayKept, latest) === 0 })),
  };
}

/** Orders ends; for ever is later than any day. */
function compareEnds(left: LocalDate | null, right: LocalDate | null): number {
  if (left === null || right === null) {
    return Number(left === null) - Number(right === null);
  }
  return compareLocalDates(left, right);
}
