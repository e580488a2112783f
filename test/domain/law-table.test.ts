import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LAW_RULES } from '../../shared/domain/law-rules.ts';
import { decideByLaw, type LawFacts } from '../../shared/domain/law-table.ts';

const CHINA = { timeZone: 'Asia/Shanghai', fiscalYearEnd: { month: 12, day: 31 } };
const ENGAGEMENT = { role: 'controller' as const, rules: ['cn-tax-engagement-10y'], ...CHINA };
const BOOKS = {
  role: 'processor' as const,
  rules: ['cn-acct-voucher-30y', 'cn-tax-document-10y'],
  ...CHINA,
};
const CONSENT = { role: 'controller' as const, rules: ['cn-pi-consent'], ...CHINA };

function decided(facts: Partial<LawFacts>) {
  return decideByLaw({
    now: new Date('2026-11-02T08:00:00Z'),
    holds: 0,
    policy: CONSENT,
    event: null,
    contractEnded: false,
    returnAsked: false,
    returned: false,
    concerns: 'vault',
    ...facts,
  });
}

/** The decision with its laws as they are cited. */
function decide(facts: Partial<LawFacts>) {
  const { basis, ...decision } = decided(facts);
  return { ...decision, basis: basis.map(({ article }) => article) };
}

const day = (year: number, month: number, date: number) => ({ year, month, day: date });

describe('会计档案管理办法 19, GDPR 17(3)(e): an open matter', () => {
  test('refuses every erasure while a hold is in force', () => {
    expect(decide({ holds: 1 })).toEqual({
      outcome: 'refuse',
      rule: 'held',
      basis: ['会计档案管理办法 19', 'GDPR 17(3)(e)'],
      until: null,
    });
  });
});

describe('个人信息保护法 21(2): a processor whose contract has ended', () => {
  test('erases what was returned', () => {
    const facts = { policy: BOOKS, contractEnded: true, returned: true };
    expect(decide(facts)).toMatchObject({ outcome: 'erase', rule: 'processor-erase' });
    expect(decide(facts).basis).toEqual(['个人信息保护法 21(2)']);
  });

  test('returns statutory books first, though nobody asked for them', () => {
    const decision = decide({ policy: BOOKS, contractEnded: true });
    expect(decision).toMatchObject({ outcome: 'return-first', rule: 'processor-return' });
  });

  test('returns other records first only when asked', () => {
    const policy = { ...CONSENT, role: 'processor' as const };
    expect(decide({ policy, contractEnded: true }).outcome).toBe('erase');
    const asked = { policy, contractEnded: true, returnAsked: true };
    expect(decide(asked).outcome).toBe('return-first');
    expect(decide({ ...asked, returned: true }).outcome).toBe('erase');
  });

  test("the client's period does not bind the processor", () => {
    const running = { policy: BOOKS, event: day(2025, 3, 10) };
    expect(decide({ ...running, contractEnded: true, returned: true }).outcome).toBe('erase');
    expect(decide(running)).toMatchObject({ outcome: 'keep', rule: 'no-ground' });
  });
});

describe('个人信息保护法 47(2): a statutory period of the handler itself', () => {
  test('restricts until its end, and says by which law', () => {
    expect(decide({ policy: ENGAGEMENT, event: day(2025, 3, 10) })).toEqual({
      outcome: 'restrict',
      rule: 'statutory-period',
      basis: ['个人信息保护法 47(2)', '涉税专业服务基本准则(试行) 25, 26'],
      // The midnight in Beijing after 10 March 2035.
      until: '2035-03-10T16:00:00.000Z',
    });
  });

  test('restricts until the last moment of the last day, and not a moment longer', () => {
    const facts = { policy: ENGAGEMENT, event: day(2016, 11, 2) };
    const last = decide({ ...facts, now: new Date('2026-11-02T15:59:59.999Z') });
    expect(last.outcome).toBe('restrict');
    expect(decide({ ...facts, now: new Date('2026-11-02T16:00:00Z') }).outcome).toBe('erase');
  });

  test('restricts for ever what is to be kept for ever', () => {
    const policy = { ...ENGAGEMENT, rules: ['cn-acct-annual-report-perm'] };
    expect(decide({ policy })).toMatchObject({ outcome: 'restrict', until: null });
  });

  test('keeps what has a period and no known start', () => {
    expect(decide({ policy: ENGAGEMENT })).toMatchObject({
      outcome: 'keep',
      rule: 'start-unknown',
    });
  });

  test('is no defence of one’s own: no law asks to keep a contract file', () => {
    const policy = { ...ENGAGEMENT, rules: ['cn-contract-file-3y'] };
    const facts = { policy, event: day(2026, 1, 1), contractEnded: true };
    expect(decide(facts).rule).toBe('consent-ended');
  });
});

describe('of several duties', () => {
  const BOTH = ['cn-tax-document-10y', 'cn-acct-voucher-30y'];
  const LAWS = ['会计法 23', '会计档案管理办法 14', '会计档案管理办法 附表'];
  const TAX = ['税收征收管理法 24', '税收征收管理法实施细则 29', '发票管理办法 28'];
  const policy = { ...BOOKS, role: 'controller' as const, rules: BOTH };

  test('all are cited, the one that decides first', () => {
    const { basis } = decide({ policy, event: day(2025, 3, 10) });
    expect(basis).toEqual(['个人信息保护法 47(2)', ...LAWS, ...TAX]);
    expect(decide({ policy, event: day(1980, 3, 10) }).basis).toEqual([
      '个人信息保护法 47(1)(2)',
      ...LAWS,
      ...TAX,
      '会计档案管理办法 18',
    ]);
  });

  test('the one that never ends comes before those that do', () => {
    const rules = ['cn-tax-document-10y', 'cn-acct-annual-report-perm'];
    const { basis } = decide({ policy: { ...policy, rules } });
    expect(basis).toEqual(['个人信息保护法 47(2)', '会计档案管理办法 附表', ...TAX]);
  });
});

describe('each law that is cited', () => {
  test('says how well it is confirmed', () => {
    expect(decided({ holds: 1 }).basis).toEqual([
      { article: '会计档案管理办法 19', grade: 'B', doubts: [] },
      {
        article: 'GDPR 17(3)(e)',
        grade: 'C',
        doubts: ['The article is unconfirmed: only a secondary description was seen.'],
      },
    ]);
  });

  test('says that it does not name the day from which its period counts', () => {
    const [, standard] = decided({ policy: ENGAGEMENT, event: day(2025, 3, 10) }).basis;
    expect(standard).toMatchObject({ article: '涉税专业服务基本准则(试行) 25, 26', grade: 'B' });
    expect(standard?.doubts.join()).toContain('start is unconfirmed');
  });
});

describe('个人信息保护法 47(1): consent or contract was the only ground', () => {
  test('keeps as long as nobody states that it has ended', () => {
    expect(decide({})).toMatchObject({ outcome: 'keep', rule: 'no-ground' });
  });

  test('erases once it has ended', () => {
    expect(decide({ contractEnded: true })).toEqual({
      outcome: 'erase',
      rule: 'consent-ended',
      basis: ['个人信息保护法 47(1)'],
      until: null,
    });
  });
});

describe('个人信息保护法 47(1)(2), 会计档案管理办法 18: the period is over', () => {
  test('erases', () => {
    const decision = decide({ policy: ENGAGEMENT, event: day(2010, 3, 10) });
    expect(decision).toMatchObject({ outcome: 'erase', rule: 'period-over' });
    expect(decision.basis[0]).toBe('个人信息保护法 47(1)(2)');
  });

  test('erases accounting archives by list and witnesses, whoever keeps them', () => {
    const facts = { event: day(1990, 3, 10) };
    const own = decide({ ...facts, policy: { ...BOOKS, role: 'controller' } });
    expect(own.basis).toContain('会计档案管理办法 18');
    expect(decide({ ...facts, policy: BOOKS })).toMatchObject({ rule: 'period-over' });
  });
});

describe('个人信息保护法 47: a part of a file', () => {
  test('is not erased with all the rest', () => {
    expect(decide({ concerns: 'part', contractEnded: true })).toMatchObject({
      outcome: 'keep',
      rule: 'part-of-file',
      basis: ['个人信息保护法 47'],
    });
  });

  test('is restricted with the whole while a period runs, and ends nothing once it is over', () => {
    const facts = { policy: ENGAGEMENT, concerns: 'part' as const };
    expect(decide({ ...facts, event: day(2025, 1, 1) }).outcome).toBe('restrict');
    expect(decide({ ...facts, event: day(2010, 1, 1) })).toMatchObject({
      outcome: 'keep',
      rule: 'part-of-file',
    });
  });
});

describe('个人信息保护法 50: no ground', () => {
  test('keeps, with a reason', () => {
    const decision = decide({ policy: BOOKS });
    expect(decision).toMatchObject({ outcome: 'keep', basis: ['个人信息保护法 50'] });
    expect(LAW_RULES[decision.rule]).toMatch(/\.$/);
  });
});

describe('whatever the facts', () => {
  const facts = fc.record({
    now: fc.date({ min: new Date('2000-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
    holds: fc.nat(2),
    policy: fc.constantFrom(ENGAGEMENT, BOOKS, CONSENT),
    event: fc.option(
      fc.record({
        year: fc.integer({ min: 1950, max: 2080 }),
        month: fc.constant(6),
        day: fc.constant(30),
      }),
    ),
    contractEnded: fc.boolean(),
    returnAsked: fc.boolean(),
    returned: fc.boolean(),
    concerns: fc.constantFrom('vault' as const, 'part' as const),
  });

  test('a decision cites an article, and a hold refuses everything', () => {
    fc.assert(
      fc.property(facts, (known) => {
        const decision = decideByLaw(known);
        expect(decision.basis.length).toBeGreaterThan(0);
        const isEarly = decision.until !== null && Date.parse(decision.until) <= +known.now;
        expect(isEarly).toBe(false);
        if (known.holds > 0) {
          expect(decision.outcome).toBe('refuse');
        }
      }),
      { numRuns: 300 },
    );
  });
});
