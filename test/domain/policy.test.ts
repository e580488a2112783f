import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { describeProblems } from '../../shared/admin-api/describe-problems.ts';
import {
  compareLocalDates,
  formatLocalDate,
  type LocalDate,
} from '../../shared/domain/local-date.ts';
import { BUILT_IN_POLICIES, findBuiltIn, readPolicy } from '../../shared/domain/policy.ts';
import { policyDocument } from '../../shared/domain/policy-document.ts';
import { retentionOf } from '../../shared/domain/retention.ts';
import { isOwn, RETENTION_PRESETS } from '../../shared/domain/retention-preset.ts';
import { OWN_RULE } from '../support/own-rule.ts';
import { localDates } from './date-arbitrary.ts';

const DOCUMENT = {
  id: 'books',
  version: 1,
  title: 'Books',
  rules: ['cn-acct-voucher-30y'],
  reviewBy: '2027-11-23',
  timeZone: 'Asia/Shanghai',
  fiscalYearEnd: { month: 12, day: 31 },
  role: 'controller',
  backup: { everyHours: 24, rpoHours: 48 },
  snapshots: { keep: { hourly: 0, daily: 35, weekly: 0, monthly: 12, yearly: 0 } },
  lock: { mode: 'rolling', minimumDays: 30, horizonDays: 90, gridDays: 7 },
  lingerDays: 90,
  erasure: { graceDays: 3, windowDays: 7, approvals: 1, undoForeignKeyEvents: true },
  drillEveryDays: null,
  residency: null,
};

const MARCH: LocalDate = { year: 2025, month: 3, day: 10 };

const lock = (change: object) => ({ lock: { ...DOCUMENT.lock, ...change } });
const erasure = (change: object) => ({ erasure: { ...DOCUMENT.erasure, ...change } });
const keep = (change: object) => ({ ...DOCUMENT.snapshots.keep, monthly: 0, ...change });

/** What the schema says is wrong, as `field: message`. */
function problemsOf(change: object): string[] {
  try {
    readPolicy({ ...DOCUMENT, ...change });
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  }
  return [];
}

describe('a policy document', () => {
  test('is read', () => {
    expect(readPolicy(DOCUMENT)).toMatchObject(DOCUMENT);
  });

  test.each([
    ['an unknown field', { keepYears: 30 }, /keepYears/],
    ['an unknown field inside', lock({ colour: 'red' }), /^lock: .*colour/],
    ['no version', { version: undefined }, /^version/],
    ['version 0', { version: 0 }, /^version/],
    ['an unknown preset', { rules: ['cn-acct-voucher-31y'] }, /^rules.0: is no preset/],
    ['no rule', { rules: [] }, /^rules/],
    ['a rule twice', { rules: ['cn-pia-3y', 'cn-pia-3y'] }, /named once/],
    ['a review date that does not exist', { reviewBy: '2027-02-29' }, /^reviewBy: must be a date/],
    ['an unknown zone', { timeZone: 'Asia/Beijing' }, /^timeZone: is no IANA/],
    ['an offset for a zone', { timeZone: '+08:00' }, /^timeZone: is no IANA/],
    ['a fiscal year to 31 April', { fiscalYearEnd: { month: 4, day: 31 } }, /^fiscalYearEnd/],
    ['too short a KMS window', erasure({ windowDays: 6 }), /windowDays/],
    ['too long a KMS window', erasure({ windowDays: 31 }), /windowDays/],
    ['an erasure that nobody approves', erasure({ approvals: 0 }), /^erasure.approvals/],
    ['half a day of grid', lock({ gridDays: 0.5 }), /^lock.gridDays/],
    ['a minimum above the horizon', lock({ minimumDays: 91 }), /^lock.minimumDays: must not/],
    ['a grid above the horizon', lock({ gridDays: 91 }), /^lock.gridDays: must not/],
    ['a lock of no kind', lock({ mode: 'none' }), /^lock.mode/],
    ['a full lock of a processor', { role: 'processor', ...lock({ mode: 'full' }) }, /^lock.mode/],
    [
      'a lock of more than a year of a processor',
      { role: 'processor', ...lock({ horizonDays: 359 }) },
      /^lock: must reach at most 365 days ahead for a processor/,
    ],
    [
      'a grid that takes the locks of a processor beyond a year',
      { role: 'processor', ...lock({ horizonDays: 183, gridDays: 183 }) },
      /^lock: must reach at most 365 days ahead for a processor/,
    ],
    [
      'a minimum whose renewal does so',
      { role: 'processor', ...lock({ minimumDays: 352, horizonDays: 352 }) },
      /^lock: must reach at most 365 days ahead for a processor/,
    ],
    ['no role', { role: undefined }, /^role/],
    ['nothing kept', { snapshots: { keep: keep({ daily: 0 }) } }, /must keep at least one/],
    ['half a point', { snapshots: { keep: keep({ daily: 1.5 }) } }, /^snapshots.keep.daily/],
    ['more than a hundred years', { snapshots: { keep: keep({ yearly: 101 }) } }, /keep.yearly/],
    [
      'a loss smaller than the interval',
      { backup: { everyHours: 24, rpoHours: 23 } },
      /^backup.rpoHours: must not be less than everyHours/,
    ],
    ['a residency without Regions', { residency: 'atlantis' }, /^residency: is no jurisdiction/],
  ])('with %s is refused', (_what, change, problem) => {
    expect(problemsOf(change).join('\n')).toMatch(problem);
  });

  test('may lock for just a year for a processor', () => {
    expect(problemsOf({ role: 'processor', ...lock({ horizonDays: 358 }) })).toEqual([]);
  });

  test('may end its fiscal year with February', () => {
    expect(problemsOf({ fiscalYearEnd: { month: 2, day: 29 } })).toEqual([]);
  });

  test('must stand on rules that one date can start', () => {
    const mixed = ['cn-labour-contract-2y', 'cn-acct-voucher-30y'];
    expect(problemsOf({ rules: mixed }).join()).toContain('the same kind of date');
    const years = ['cn-tax-document-10y', 'cn-acct-voucher-30y', 'cn-acct-annual-report-perm'];
    expect(problemsOf({ rules: years })).toEqual([]);
    const contract = ['cn-labour-contract-2y', 'cn-contract-file-3y'];
    expect(problemsOf({ rules: contract })).toEqual([]);
  });
});

describe("a rule of a firm's own", () => {
  test('is read like a preset, and its period is a duty', () => {
    const { statute, rules } = readPolicy({ ...DOCUMENT, rules: [OWN_RULE] });
    expect(rules).toEqual([OWN_RULE]);
    expect(statute).toMatchObject({ period: 'P8Y', grade: 'A', doubts: [] });
  });

  test('stands beside presets that the same kind of date starts', () => {
    expect(problemsOf({ rules: ['cn-contract-file-3y', OWN_RULE] })).toEqual([]);
    expect(problemsOf({ rules: ['cn-acct-voucher-30y', OWN_RULE] }).join()).toMatch(/same kind/);
  });

  test.each([
    ['the id of a preset', { id: 'cn-pia-3y' }, /^rules.0.id: must begin with "own-"/],
    ['no law', { basis: [] }, /^rules.0.basis: must name a law/],
    ['a period without a law’s grade', { grade: 'B' }, /^rules.0.grade: must be that of a law/],
    ['no period', { period: '8 years' }, /^rules.0.period: is no ISO 8601/],
    ['no end and a start', { period: 'PERMANENT' }, /^rules.0.start: must be NONE/],
    ['an end and no start', { start: ['NONE'] }, /^rules.0.start: must be NONE for what/],
    ['a year beside an event', { start: ['NONE', 'CONTRACT_ENDED'] }, /rules.0.start: must name/],
  ])('with %s is refused', (_what, change, problem) => {
    expect(problemsOf({ rules: [{ ...OWN_RULE, ...change }] }).join('\n')).toMatch(problem);
  });

  test.each([
    ['no grade', { grade: undefined }, 'rules.0.grade'],
    ['an unknown field', { colour: 'red' }, 'rules.0 has unknown fields: colour'],
    ['an unknown start', { start: ['BIRTH'] }, 'rules.0.start.0 must be one of'],
  ])('with %s is refused, and the problem names the field', (_what, change, says) => {
    const rules = [{ ...OWN_RULE, ...change }];
    const { error } = policyDocument.safeParse({ ...DOCUMENT, rules });
    expect(error && describeProblems(error, 'the document')).toContain(says);
  });

  test('is never mistaken for a preset of a later version', () => {
    expect(RETENTION_PRESETS.filter(isOwn)).toEqual([]);
  });
});

describe('the built-in policies', () => {
  test('keep the numbers that vaults rely on', () => {
    expect(
      BUILT_IN_POLICIES.map(({ id, backup, snapshots, lock, erasure }) => [
        id,
        backup.everyHours,
        Object.values(snapshots.keep).join(' '),
        ...[lock.mode, lock.minimumDays, lock.horizonDays, lock.gridDays],
        ...[erasure.graceDays, erasure.windowDays],
      ]),
    ).toEqual([
      ['engagement-10y', 24, '0 35 0 12 9', 'rolling', 30, 90, 7, 3, 7],
      ['accounting-30y', 24, '0 35 0 12 0', 'rolling', 14, 36, 7, 7, 30],
      ['consent-only', 24, '0 35 0 0 0', 'rolling', 14, 36, 7, 0, 7],
    ]);
  });

  test('show the longest duty with its laws, its weakest grade and every doubt', () => {
    const { duties = [], ...longest } = findBuiltIn('accounting-30y')?.statute ?? {};
    expect(longest).toEqual({
      period: 'P30Y',
      grade: 'C',
      doubts: ['The period is unconfirmed: only a secondary description was seen.'],
    });
    expect(duties.map(({ ruleId, period, grade }) => [ruleId, period, grade])).toEqual([
      ['cn-acct-voucher-30y', 'P30Y', 'C'],
      ['cn-acct-ledger-30y', 'P30Y', 'C'],
      ['cn-tax-document-10y', 'P10Y', 'A'],
    ]);
    expect(duties[0]?.basis.map(({ article, grade }) => `${article} ${grade}`)).toEqual([
      '会计法 23 A',
      '会计档案管理办法 14 B',
      '会计档案管理办法 附表 C',
    ]);
    expect(findBuiltIn('engagement-10y')?.statute).toMatchObject({
      period: 'P10Y',
      grade: 'B',
      doubts: ["The start is unconfirmed: no law names it, it is Holdfast's choice."],
    });
  });

  test('show no duty where the law asks to keep for no time', () => {
    expect(findBuiltIn('consent-only')?.statute).toBeNull();
  });

  test.each(['cn-contract-file-3y', 'sys-audit-log-10y', 'sys-erasure-certificate-perm'])(
    'no duty is a period that no law sets: %s',
    (rule) => expect(readPolicy({ ...DOCUMENT, rules: [rule] }).statute).toBeNull(),
  );

  test('of a law that asks for a time is a duty', () => {
    expect(readPolicy({ ...DOCUMENT, rules: ['cn-labour-contract-2y'] }).statute).toMatchObject({
      period: 'P2Y',
    });
  });
});

describe('two rules on one record', () => {
  const policy = (rules: readonly string[]) => readPolicy({ ...DOCUMENT, rules });

  test('keep it to the later end, and both are listed', () => {
    const rules = ['cn-tax-document-10y', 'cn-acct-voucher-30y'];
    const { lastDayKept, because } = retentionOf(policy(rules), MARCH);
    expect(lastDayKept && formatLocalDate(lastDayKept)).toBe('2055-12-31');
    expect(
      because.map(({ preset, lastDayKept: end, decides }) => [
        preset.id,
        end && formatLocalDate(end),
        decides,
      ]),
    ).toEqual([
      ['cn-acct-voucher-30y', '2055-12-31', true],
      ['cn-tax-document-10y', '2035-12-31', false],
    ]);
  });

  test('with the same end decide together', () => {
    const { because } = retentionOf(policy(['cn-acct-voucher-30y', 'cn-acct-ledger-30y']), MARCH);
    expect(because.map(({ decides }) => decides)).toEqual([true, true]);
  });

  test('keep it for ever when one of them does', () => {
    const rules = ['cn-acct-voucher-30y', 'cn-acct-annual-report-perm'];
    const { lastDayKept, eraseDue, because } = retentionOf(policy(rules), MARCH);
    expect([lastDayKept, eraseDue]).toEqual([null, null]);
    expect(because.map(({ preset, decides }) => [preset.id, decides])).toEqual([
      ['cn-acct-annual-report-perm', true],
      ['cn-acct-voucher-30y', false],
    ]);
  });

  test('end when the later of them would alone, in whichever order they are named', () => {
    const dated = RETENTION_PRESETS.filter(({ start }) =>
      start.some((event) => event.endsWith('_YEAR_END_PLUS_1D')),
    ).map(({ id }) => id);
    const some = fc.uniqueArray(fc.constantFrom(...dated), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(some, localDates, (rules, event) => {
        const together = retentionOf(policy(rules), event);
        const alone = rules
          .map((rule) => retentionOf(policy([rule]), event).lastDayKept as LocalDate)
          .toSorted(compareLocalDates);
        expect(together.lastDayKept).toEqual(alone.at(-1));
        expect(together.because).toHaveLength(rules.length);
        const reversed = retentionOf(policy(rules.toReversed()), event);
        expect(reversed.eraseDue).toEqual(together.eraseDue);
      }),
      { numRuns: 50 },
    );
  });
});

test('a record is due at midnight of the zone its policy counts in', () => {
  const due = (timeZone: string) =>
    retentionOf(readPolicy({ ...DOCUMENT, timeZone }), MARCH).eraseDue?.toISOString();
  expect(due('Asia/Shanghai')).toBe('2055-12-31T16:00:00.000Z');
  expect(due('UTC')).toBe('2056-01-01T00:00:00.000Z');
  expect(due('America/Los_Angeles')).toBe('2056-01-01T08:00:00.000Z');
});
