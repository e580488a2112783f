import { describe, expect, test } from 'vitest';
import { BUILT_IN_POLICIES, findBuiltIn, readPolicy } from '../../shared/domain/policy.ts';
import { explainPreset, RETENTION_PRESETS } from '../../shared/domain/retention-preset.ts';
import { showPolicies, showPolicy, showPreset } from '../../shared/queries/show-policy.ts';
import { memoryServices } from '../support/memory-services.ts';
import { runAgainst } from './run-fixture.ts';
import { VAULT, vault } from './sample-answers.ts';

const { services } = memoryServices();
const PRESETS = RETENTION_PRESETS.map(explainPreset);

const shown = async (id: string, event?: string) => ({
  showPolicy: await showPolicy(services, id, { event }),
});
const LISTED = BUILT_IN_POLICIES.map((policy) => ({ ...policy, added: null }));

/** The line of a table or of facts that starts with `name`. */
function lineOf(out: string, name: string): string {
  return out.split('\n').find((line) => line.startsWith(name)) ?? '';
}

describe('policy list', () => {
  test('shows each duty with its grade, and what the grades mean', async () => {
    const { out, code } = await runAgainst({ listPolicies: { policies: LISTED } }, [
      ...['policy', 'list'],
    ]);
    expect(code).toBe(0);
    expect(lineOf(out, 'accounting-30y')).toMatch(/ P30Y +C, unconfirmed /);
    expect(lineOf(out, 'engagement-10y')).toMatch(/ P10Y +B, unconfirmed /);
    expect(lineOf(out, 'consent-only')).toMatch(/ - +- /);
    expect(out).toContain('  C  unconfirmed: only a secondary description was seen');
    expect(out).toContain('"policy show ID" says which');
  });
});

describe('policy show', () => {
  test('shows what is decided, and each legal rule with article, grade and warnings', async () => {
    const { out, calls } = await runAgainst(await shown('accounting-30y'), [
      ...['policy', 'show', 'accounting-30y'],
    ]);
    expect(calls).toEqual([
      { route: 'showPolicy', input: { params: { policyId: 'accounting-30y' }, query: {} } },
    ]);
    expect(lineOf(out, 'policy')).toContain('accounting-30y, version 1');
    expect(lineOf(out, 'review by')).toMatch(/ 2027-11-23$/);
    expect(lineOf(out, 'backup')).toContain('every 24 h');
    expect(lineOf(out, 'locks')).toContain('7 days');
    expect(lineOf(out, 'erasing')).toContain('7 days with disabled keys, then 30 days');
    expect(lineOf(out, 'time zone')).toContain('Asia/Shanghai');
    for (const { id } of PRESETS.filter((rule) => BUILT_IN_POLICIES[1]?.rules.includes(rule.id))) {
      expect(out).toMatch(new RegExp(`^rule +${id}$`, 'm'));
    }
    expect(out).toMatch(/^law +会计法 23 \(Accounting Law\), grade A$/m);
    expect(out).toMatch(/^grade +C: unconfirmed: only a secondary description was seen$/m);
    expect(out).toMatch(/^unconfirmed +The start is unconfirmed: no law names it/m);
    expect(out).toMatch(/^warning +The duty is the client's\./m);
    expect(out).not.toContain('last day kept');
  });

  test('with an event says until when a record is kept, and why', async () => {
    const answer = await shown('accounting-30y', '2025-03-10');
    const { out, calls } = await runAgainst(answer, [
      ...['policy', 'show', 'accounting-30y', '--event', '2025-03-10'],
    ]);
    expect(calls[0]?.input.query).toEqual({ event: '2025-03-10' });
    expect(lineOf(out, 'last day kept')).toMatch(/ 2055-12-31$/);
    expect(lineOf(out, 'erase due')).toContain('2055-12-31T16:00:00Z, midnight in Asia/Shanghai');
    expect(out.split('\n').filter((line) => line.startsWith('because'))).toEqual([
      expect.stringMatching(/2055-12-31: cn-acct-voucher-30y, grade C, unconfirmed, decides$/),
      expect.stringMatching(/2055-12-31: cn-acct-ledger-30y, grade C, unconfirmed, decides$/),
      expect.stringMatching(/2035-12-31: cn-tax-document-10y, grade A, unconfirmed$/),
    ]);
  });

  test('with --json asks for nothing more, and prints the answer', async () => {
    const answer = await shown('accounting-30y', '2025-03-10');
    const { out, calls } = await runAgainst(answer, [
      ...['policy', 'show', 'accounting-30y', '--event', '2025-03-10', '--json'],
    ]);
    expect(calls[0]?.input.query).toEqual({ event: '2025-03-10' });
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(answer.showPolicy)));
  });

  test.each(BUILT_IN_POLICIES.map(({ id }) => id))(
    '--document prints %s as "policy add" takes it',
    async (id) => {
      const args = ['policy', 'show', id, '--document'];
      const { out } = await runAgainst(await shown(id), args);
      expect(readPolicy(JSON.parse(out))).toEqual(findBuiltIn(id));
    },
  );

  test('says that a review is overdue', async () => {
    const answer = { ...(await shown('consent-only')).showPolicy, reviewOverdue: true };
    const { out } = await runAgainst({ showPolicy: answer }, ['policy', 'show', 'consent-only']);
    expect(lineOf(out, 'review by')).toContain('overdue');
  });

  test('says that what is permanent is never due', async () => {
    const retention = { event: '2025-03-10', lastDayKept: null, eraseDue: null, because: [] };
    const answer = { ...(await shown('consent-only')).showPolicy, retention };
    const { out } = await runAgainst({ showPolicy: answer }, ['policy', 'show', 'consent-only']);
    expect(lineOf(out, 'last day kept')).toContain('for ever');
    expect(lineOf(out, 'erase due')).toMatch(/ never$/);
  });

  test('prints exactly the answer of the API with --json', async () => {
    const answer = await shown('accounting-30y', '2025-03-10');
    const args = ['policy', 'show', 'accounting-30y', '--event', '2025-03-10', '--json'];
    const { out } = await runAgainst(answer, args);
    expect(JSON.parse(out)).toEqual(answer.showPolicy);
  });

  test.each(['2025-02-29', '10.3.2025', ''])('takes no event of %j', async (event) => {
    const args = ['policy', 'show', 'accounting-30y', '--event', event];
    const ran = await runAgainst({}, args);
    expect(ran).toMatchObject({ code: 2, out: '', calls: [] });
    expect(ran.err).toContain('write it as 2025-03-10');
  });
});

describe('preset list', () => {
  test('shows every rule with its grade in English and Chinese', async () => {
    const { out } = await runAgainst({ listPresets: { presets: PRESETS } }, ['preset', 'list']);
    for (const { id, period, grade, title, doubts } of PRESETS) {
      const line = lineOf(out, `${id} `);
      expect(line).toContain(period);
      expect(line).toContain(`${title.en} / ${title.zh}`);
      expect(line).toContain(doubts.length > 0 ? ` ${grade}, unconfirmed ` : ` ${grade} `);
    }
    expect(out).toContain('  A  the whole article was read');
  });
});

describe('preset show', () => {
  test.each(PRESETS)('shows $id with what its grade means', async (preset) => {
    const answer = { showPreset: showPreset(preset.id) };
    const { out, calls } = await runAgainst(answer, ['preset', 'show', preset.id]);
    expect(calls[0]?.input.params).toEqual({ presetId: preset.id });
    expect(lineOf(out, 'grade')).toContain(`${preset.grade}: ${preset.gradeMeans}`);
    const unconfirmed = out.split('\n').filter((line) => line.startsWith('unconfirmed'));
    expect(unconfirmed).toHaveLength(preset.doubts.length);
    expect(out).not.toContain('undefined');
  });
});

test('vault show names the legal rules of the policy with their grades', async () => {
  const { out } = await runAgainst({ showVault: vault() }, ['vault', 'show', VAULT]);
  expect(lineOf(out, 'law')).toMatch(
    /engagement-10y: 10 years, from .* 25, 26 \(B, unconfirmed\); grade B, unconfirmed: the/,
  );
  expect(out).toContain("The start is unconfirmed: no law names it, it is Holdfast's choice.");
});

test('an overdue look at the law shows in the list and in each vault it matters to', async () => {
  const living = memoryServices();
  await living.clock.moveTo(new Date('2027-11-24T00:00:00Z'));
  const list = await showPolicies(living.services);
  const listed = await runAgainst({ listPolicies: list }, ['policy', 'list']);
  expect(lineOf(listed.out, 'consent-only')).toContain('2027-11-23, overdue');
  const overdue = { ...vault(), reviewOverdue: true };
  const shownVault = await runAgainst({ showVault: overdue }, ['vault', 'show', VAULT]);
  expect(lineOf(shownVault.out, 'review by')).toContain('2027-11-23: overdue, somebody must look');
  const inTime = await runAgainst({ showVault: vault() }, ['vault', 'show', VAULT]);
  expect(inTime.out).not.toContain('overdue');
});
