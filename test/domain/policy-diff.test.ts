import { describe, expect, test } from 'vitest';
import { findBuiltIn, type Policy, readPolicy } from '../../shared/domain/policy.ts';
import { diffPolicies } from '../../shared/domain/policy-diff.ts';
import type { PolicyDocument } from '../../shared/domain/policy-document.ts';
import type { LegalBasis, RetentionPreset } from '../../shared/domain/retention-preset.ts';
import { OWN_RULE } from '../support/own-rule.ts';

const BASE = findBuiltIn('engagement-10y') as Policy;
const { statute: _, ...DOCUMENT } = BASE;

function changed(changes: Partial<PolicyDocument>): Policy {
  return readPolicy({ ...DOCUMENT, version: 2, ...changes });
}

/** Every path of a document that ends in a value. */
function leaves(value: unknown, path: string): string[] {
  const whole = ['rules', 'fiscalYearEnd'].includes(path);
  return typeof value === 'object' && value !== null && !whole
    ? Object.entries(value).flatMap(([name, inner]) =>
        leaves(inner, path === '' ? name : `${path}.${name}`),
      )
    : [path];
}

describe("a firm's own rule", () => {
  const own = (change: Partial<RetentionPreset>) =>
    changed({ rules: [{ ...OWN_RULE, ...change }] });

  test.each<[string, Partial<RetentionPreset>, string]>([
    ['its period', { period: 'P9Y' }, '9 years'],
    ['its law', { basis: [{ ...OWN_RULE.basis[0], article: '34' } as LegalBasis] }, '信托法 34'],
    ['that it is no duty', { warnings: ['NO_DUTY_TO_KEEP'] }, 'NO_DUTY_TO_KEEP'],
  ])('is told when %s changes under the same id', (_what, change, says) => {
    const { changes } = diffPolicies(own({}), own(change));
    expect(changes.map(({ field }) => field)).toEqual(['rules']);
    expect(changes[0]?.to).toContain(says);
  });
});

describe('what differs between two policies', () => {
  test('is nothing when only the number of the version does', () => {
    expect(diffPolicies(BASE, changed({}))).toEqual({ changes: [], effects: [] });
  });

  test('is told in words, with the name of the field', () => {
    const keep = { ...BASE.snapshots.keep, yearly: 3 };
    const { changes, effects } = diffPolicies(BASE, changed({ snapshots: { keep } }));
    expect(changes).toEqual([
      {
        field: 'snapshots.keep.yearly',
        from: '9',
        to: '3',
        says: 'Points in time that are kept, yearly: 3 instead of 9.',
      },
    ]);
    expect(effects.join(' ')).toContain('Snapshots that exist keep their end.');
    expect(effects.join(' ')).toContain('Locks reach as far ahead as before');
  });

  test('says of longer locks that nobody can undo them, and who must agree', () => {
    const lock = { ...BASE.lock, horizonDays: 380 };
    const effects = diffPolicies(BASE, changed({ lock })).effects.join(' ');
    expect(effects).toContain('up to 387 days ahead instead of 97 days');
    expect(effects).toContain('nobody can shorten them');
    expect(effects).toContain('a second person must approve');
  });

  test('counts a wider grid as longer locks', () => {
    const lock = { ...BASE.lock, gridDays: 90 };
    const effects = diffPolicies(BASE, changed({ lock })).effects.join(' ');
    expect(effects).toContain('up to 180 days ahead instead of 97 days');
    expect(effects).toContain('nobody can shorten them');
  });

  test('says of shorter locks that those that exist stay', () => {
    const lock = { ...BASE.lock, minimumDays: 7, horizonDays: 14 };
    const effects = diffPolicies(BASE, changed({ lock })).effects.join(' ');
    expect(effects).toContain('up to 21 days ahead instead of 97 days');
    expect(effects).toContain('Locks that exist keep their end');
    expect(effects).not.toContain('second person');
  });

  test('says how long the law asks to keep it, never without its grade', () => {
    const effects = (rules: string[]) => diffPolicies(BASE, changed({ rules })).effects.join(' ');
    const before = '10 years (B, unconfirmed)';
    expect(effects(['cn-labour-contract-2y'])).toContain(
      `The law asks to keep it 2 years instead of ${before}.`,
    );
    expect(effects(['cn-contract-file-3y'])).toContain(`keep it for no time instead of ${before}`);
    expect(effects(['cn-acct-annual-report-perm'])).toContain('keep it for ever (C, unconfirmed)');
    expect(effects(['cn-tax-engagement-10y'])).not.toContain('The law asks');
  });

  test('says how many people an erasure takes, and how long it can be called off', () => {
    const erasure = { ...BASE.erasure, approvals: 2, graceDays: 10 };
    const effects = diffPolicies(BASE, changed({ erasure })).effects.join(' ');
    expect(effects).toContain('takes 2 other people to approve it instead of 1 other person.');
    expect(effects).toContain('can be called off at once for 10 days instead of 3.');
  });

  test('covers every field of the document', () => {
    const other = readPolicy({
      ...DOCUMENT,
      title: 'Other',
      rules: ['cn-pia-3y'],
      reviewBy: '2028-01-01',
      timeZone: 'Europe/Berlin',
      fiscalYearEnd: { month: 6, day: 30 },
      role: 'processor',
      backup: { everyHours: 12, rpoHours: 24 },
      snapshots: { keep: { hourly: 1, daily: 1, weekly: 1, monthly: 1, yearly: 1 } },
      lock: { mode: 'rolling', minimumDays: 2, horizonDays: 20, gridDays: 2 },
      lingerDays: 1,
      erasure: { graceDays: 1, windowDays: 8, approvals: 2, undoForeignKeyEvents: false },
      drillEveryDays: 90,
      residency: 'eu',
    });
    const full = changed({ lock: { ...BASE.lock, mode: 'full' } });
    const seen = [...diffPolicies(BASE, other).changes, ...diffPolicies(BASE, full).changes];
    const fields = new Set(seen.map(({ field }) => field));
    const all = leaves(DOCUMENT, '').filter((path) => !['id', 'version'].includes(path));
    expect([...fields].sort()).toEqual(all.sort());
  });
});
