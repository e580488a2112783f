import { describe, expect, test } from 'vitest';
import type { Disposition } from '../../shared/domain/closing-records.ts';
import { ruleOn as judge } from '../../shared/domain/disposition.ts';
import type { LocalDate } from '../../shared/domain/local-date.ts';
import { BUILT_IN_POLICIES, type Policy, readPolicy } from '../../shared/domain/policy.ts';

const EVENT = { year: 2026, month: 8, day: 20 };
const NOW = new Date('2026-11-02T08:00:00Z');
const LATER = new Date('2060-01-01T00:00:00Z');
const PROCESSOR = builtIn('accounting-30y');
const CONTROLLER = builtIn('engagement-10y');
const CONSENT = builtIn('consent-only');

function builtIn(policyId: string): Policy {
  const policy = BUILT_IN_POLICIES.find(({ id }) => id === policyId);
  if (policy === undefined) throw new Error(`no policy ${policyId}`);
  return policy;
}

/** The ruling with its laws as they are cited. */
function ruleOn(disposition: Disposition, policy: Policy, event: LocalDate, now: Date) {
  const { basis, ...ruling } = judge(disposition, policy, event, now);
  return { ...ruling, basis: basis.map(({ article }) => article) };
}

/** A controller's policy that stands on other rules. */
function withRules(...rules: string[]): Policy {
  const { statute: _, ...document } = CONTROLLER;
  return readPolicy({ ...document, id: 'own-files', rules });
}

/** The annual reports of a firm that keeps its own books: permanent. */
const PERMANENT = withRules('cn-acct-annual-report-perm');

describe('个人信息保护法 21(2): a processor keeps nothing when its contract ends', () => {
  test.each(['retain', 'erase'] as const)(
    'so it may not %s statutory books, whatever period binds its client',
    (disposition) => {
      const ruling = ruleOn(disposition, PROCESSOR, EVENT, NOW);
      expect(ruling).toMatchObject({ allowed: false, basis: ['个人信息保护法 21(2)'] });
      expect(ruling.says).toContain('must be returned');
    },
  );

  test('but hands them over, and then erases its own copies', () => {
    const ruling = ruleOn('hand-over', PROCESSOR, EVENT, NOW);
    expect(ruling).toMatchObject({ allowed: true, basis: ['个人信息保护法 21(2)'], warnings: [] });
  });

  test('and erases what no law asks anybody to keep', () => {
    const { statute: _, ...document } = CONSENT;
    const policy = readPolicy({ ...document, id: 'entrusted', role: 'processor' });
    expect(ruleOn('erase', policy, EVENT, NOW).allowed).toBe(true);
    expect(ruleOn('hand-over', policy, EVENT, NOW).allowed).toBe(true);
    expect(ruleOn('retain', policy, EVENT, NOW).allowed).toBe(false);
  });
});

describe('个人信息保护法 47(2): while the period of a controller runs, the records are stored', () => {
  test.each(['erase', 'hand-over'] as const)('so it may not %s', (disposition) => {
    const ruling = ruleOn(disposition, CONTROLLER, EVENT, NOW);
    expect(ruling.allowed).toBe(false);
    expect(ruling.basis[0]).toBe('个人信息保护法 47(2)');
    expect(ruling.basis).toContain('涉税专业服务基本准则(试行) 25, 26');
  });

  test('and retains until the last day has ended in the zone of the policy', () => {
    expect(ruleOn('retain', CONTROLLER, EVENT, NOW)).toMatchObject({
      allowed: true,
      keepUntil: '2036-08-20T16:00:00.000Z',
    });
  });

  test('for ever when the law says so, with 会计档案管理办法 8 as a warning', () => {
    const ruling = ruleOn('retain', PERMANENT, EVENT, NOW);
    expect(ruling).toMatchObject({ allowed: true, keepUntil: null });
    expect(ruling.warnings.join()).toContain('会计档案管理办法 8');
    expect(ruleOn('erase', PERMANENT, EVENT, LATER).allowed).toBe(false);
  });
});

describe('个人信息保护法 19: what no law asks for is kept no longer than the policy says', () => {
  const contracts = withRules('cn-contract-file-3y');
  const END = '2029-08-20T16:00:00.000Z';

  test('a controller retains its contract files as a defence, which is said to be no duty', () => {
    const ruling = ruleOn('retain', contracts, EVENT, NOW);
    expect(ruling).toMatchObject({ allowed: true, keepUntil: END });
    expect(ruling.basis).toEqual(['个人信息保护法 19', '民法典 188']);
    expect(ruling.says).toMatch(/No law asks .* defence .* no duty/);
  });

  test('not a moment longer, and nothing keeps it from erasing before', () => {
    expect(ruleOn('retain', contracts, EVENT, new Date(END)).allowed).toBe(false);
    expect(ruleOn('erase', contracts, EVENT, NOW).allowed).toBe(true);
  });

  test('a processor retains nothing as a defence', () => {
    const policy: Policy = { ...contracts, role: 'processor' };
    expect(ruleOn('retain', policy, EVENT, NOW).allowed).toBe(false);
  });

  test('what a law asks for comes first, and the rest of an own period after it', () => {
    const both = withRules('cn-labour-contract-2y', 'cn-contract-file-3y');
    const duty = ruleOn('retain', both, EVENT, NOW);
    expect(duty).toMatchObject({ keepUntil: '2028-08-20T16:00:00.000Z' });
    expect(duty.basis).toContain('劳动合同法 50');
    const after = ruleOn('retain', both, EVENT, new Date(duty.keepUntil ?? ''));
    expect(after).toMatchObject({ allowed: true, keepUntil: END });
  });

  test.each(['sys-erasure-certificate-perm', 'cn-pi-consent'])(
    'a choice without a length or without an end retains nothing: %s',
    (rule) => expect(ruleOn('retain', withRules(rule), EVENT, NOW).allowed).toBe(false),
  );
});

describe('个人信息保护法 47(1): what no period asks for is not kept', () => {
  test.each([
    ['on consent alone', CONSENT, NOW, '个人信息保护法 47(1)'],
    ['whose period is over', CONTROLLER, LATER, '个人信息保护法 47(1)(2)'],
  ])('so records %s are not retained', (_what, policy, now, rule) => {
    const ruling = ruleOn('retain', policy, EVENT, now);
    expect(ruling.allowed).toBe(false);
    expect(ruling.basis[0]).toBe(rule);
    for (const disposition of ['erase', 'hand-over'] as const) {
      expect(ruleOn(disposition, policy, EVENT, now)).toMatchObject({
        allowed: true,
        keepUntil: now.toISOString(),
      });
    }
  });
});
