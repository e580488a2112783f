import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MeasureSource } from '../../cli/command.ts';
import { afterErasureLines } from '../../cli/estimate-vault.ts';
import { findBuiltIn } from '../../shared/domain/policy.ts';
import { PRICE_LIST } from '../../shared/domain/price-list.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { runAgainst } from './run-fixture.ts';
import { CLIENT, snapshot, VAULT, vault } from './sample-answers.ts';

const policy = findBuiltIn('consent-only');
const showPolicy = { policy, added: null, installation: TEST_INSTALLATION, rules: [] };
const chinese = { primary: 'cn-north-1', secondary: 'cn-northwest-1' };
const showChinese = { ...showPolicy, installation: { ...TEST_INSTALLATION, regions: chinese } };
const listPolicies = { policies: [{ ...policy, added: null }] };
const ESTIMATE = ['vault', 'estimate', '--policy', 'consent-only'];
const SIZE = ['--records', '100000', '--bytes', '50000000000'];

let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-prices-'));
  const { grade: _, ...prices } = PRICE_LIST.regions['us-east-1'] ?? {};
  const regions = { 'cn-north-1': prices, 'cn-northwest-1': { ...prices, keyMonth: 7 } };
  await writeFile(file('china.json'), JSON.stringify({ regions }));
  await writeFile(file('wrong.json'), JSON.stringify({ regions: { 'cn-north-1': {} } }));
});

afterAll(async () => rm(folder, { recursive: true }));

/** Numbers of records and bytes of each listing. */
function listing(records: number, bytes: number, whole = true): MeasureSource {
  return async () => ({ records, bytes, whole });
}

describe('vault estimate', () => {
  test('prints what is paid for, for what, and what cannot be shortened', async () => {
    const { out, code } = await runAgainst({ showPolicy, listPolicies }, [...ESTIMATE, ...SIZE]);
    expect(code).toBe(0);
    expect(out).toMatch(/^source +100,000 records, 46\.6 GiB, 1\.00 % a day changed$/m);
    expect(out).toMatch(/^prices +eu-central-1, 2026-11-23, grade U: general knowledge/m);
    expect(out).toMatch(/^keys, one in each Region +2\.0 keys +0\.00 +2\.00 +240\.00$/m);
    expect(out).toMatch(/^extending locks +\d+ requests/m);
    expect(out).toMatch(/^together +[\d.]+ +[\d.]+ +[\d.]+$/m);
    expect(out).toContain('stays, and is paid for, up to 43 days');
  });

  test('of the tier shared-root counts no keys, and says what its root keys cost', async () => {
    const args = [...ESTIMATE, ...SIZE, '--tier', 'shared-root'];
    const { out } = await runAgainst({ showPolicy, listPolicies }, args);
    expect(out).toMatch(/^key tier +shared-root; its root keys cost USD 2\.00 a month for all/m);
    expect(out).toMatch(/^branch keys, reading +\d+ units/m);
    expect(out).not.toContain('keys, one in each Region');
    const wrong = await runAgainst({ showPolicy, listPolicies }, [
      ...ESTIMATE,
      ...SIZE,
      '--tier',
      'none',
    ]);
    expect(wrong).toMatchObject({ code: 2, out: '' });
  });

  test('takes the newest version that is approved, as a vault would be given it', async () => {
    const versions = [
      { ...policy, added: null },
      { ...policy, version: 2, added: { approval: 'awaited' } },
    ];
    const answers = { showPolicy, listPolicies: { policies: versions } };
    const { calls } = await runAgainst(answers, [...ESTIMATE, ...SIZE]);
    expect(calls.at(-1)?.input.query).toEqual({ version: 1 });
  });

  test('takes the tier of a vault, and another one to compare', async () => {
    const answers = {
      showVault: { ...vault(), tier: 'shared-root' as const },
      showPolicy,
      listPolicies,
    };
    const args = ['vault', 'estimate', '--vault', VAULT, ...SIZE, '--json'];
    const tierOf = async (...options: string[]) =>
      JSON.parse((await runAgainst(answers, [...args, ...options])).out).tier;
    expect(await tierOf()).toBe('shared-root');
    expect(await tierOf('--tier', 'dedicated')).toBe('dedicated');
  });

  test('takes years and the daily change from the options', async () => {
    const options = ['--daily-change', '2.5', '--years', '3', '--json'];
    const { out } = await runAgainst({ showPolicy, listPolicies }, [
      ...ESTIMATE,
      ...SIZE,
      ...options,
    ]);
    expect(JSON.parse(out)).toMatchObject({
      policyId: 'consent-only',
      policyVersion: 1,
      years: 3,
      source: { records: 100_000, bytes: 50_000_000_000, dailyChange: 0.025 },
    });
  });

  test('lists the source itself when told to', async () => {
    const args = [...ESTIMATE, '--source', 's3://firm/clients/1/', '--json'];
    const measured = { measureSource: listing(7, 700) };
    const { out } = await runAgainst({ showPolicy, listPolicies }, args, measured);
    expect(JSON.parse(out).source).toEqual({ records: 7, bytes: 700, dailyChange: 0.01 });
  });

  test('measures a vault by its snapshots, with the change between them', async () => {
    const taken = (createdAt: string, readBytes: number) => {
      const { protection: _, ...rest } = snapshot();
      const counts = { ...rest.counts, records: 10, bytes: 1_000, readBytes };
      return { ...rest, createdAt, counts };
    };
    const snapshots = [
      taken('2026-11-05T08:00:00.000Z', 20),
      taken('2026-11-04T08:00:00.000Z', 40),
      taken('2026-11-03T08:00:00.000Z', 1_000),
    ];
    const answers = {
      showVault: { ...vault(), policyVersion: 3 },
      showPolicy,
      listSnapshots: { snapshots },
    };
    const args = ['vault', 'estimate', '--vault', VAULT, '--json'];
    const { out, calls } = await runAgainst(answers, args);
    expect(JSON.parse(out).source).toEqual({ records: 10, bytes: 1_000, dailyChange: 0.03 });
    expect(calls.find(({ route }) => route === 'showPolicy')?.input).toEqual({
      params: { policyId: 'consent-only' },
      query: { version: 3 },
    });
  });

  test('of a Region without prices names the way out, and takes it', async () => {
    const args = [...ESTIMATE, ...SIZE];
    const ran = await runAgainst({ showPolicy: showChinese, listPolicies }, args);
    expect(ran).toMatchObject({ code: 3, out: '' });
    expect(ran.err).toContain('There are no prices of cn-north-1.');
    expect(ran.err).toContain('--prices FILE');
    const priced = [...args, '--prices', file('china.json')];
    const { out } = await runAgainst({ showPolicy: showChinese, listPolicies }, priced);
    expect(out).toMatch(/^prices +cn-northwest-1, 2026-09-01, grade own: from the file/m);
    expect(out).toMatch(/^keys, one in each Region +2\.0 keys +0\.00 +8\.00/m);
  });

  test.each([
    ['a price list with gaps', [...SIZE, '--prices', 'wrong.json'], 'must be given'],
    ['no size', [], '--records and --bytes'],
    ['half a size', ['--records', '5'], '--records and --bytes'],
    ['more than all changed', [...SIZE, '--daily-change', '101'], 'from 0 to 100'],
  ])('refuses %s', async (_what, options, says) => {
    const named = options.map((each) => (each.endsWith('.json') ? file(each) : each));
    const ran = await runAgainst({ showPolicy, listPolicies }, [...ESTIMATE, ...named]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(says);
  });
});

describe('vault add', () => {
  const args = ['vault', 'add', '--client', CLIENT, '--class', 'books'];
  const add = [...args, '--policy', 'consent-only', '--source', 's3://firm/clients/1/'];
  const answers = { addVault: { ...vault(), holds: 0 }, showPolicy, listPolicies };

  test('says what the vault will cost', async () => {
    const { out } = await runAgainst(answers, add, { measureSource: listing(100, 1e9) });
    expect(out).toMatch(/^Estimate with 1 % changed a day: USD [\d.]+ at first, [\d.]+ a month/m);
  });

  test('says it of the tier it was opened in', async () => {
    const added = { ...vault(), holds: 0, tier: 'shared-root' as const };
    const measured = { measureSource: listing(100, 1e9) };
    const args = [...add, '--tier', 'shared-root', '--json'];
    const { out } = await runAgainst({ ...answers, addVault: added }, args, measured);
    expect(JSON.parse(out).estimate.estimate).toMatchObject({ tier: 'shared-root' });
  });

  test('says that it costs at least that when the source is too large to be listed', async () => {
    const measured = { measureSource: listing(21_000, 1e9, false) };
    const { out } = await runAgainst(answers, add, measured);
    expect(out).toContain('more than 20000 records, so at least: USD');
  });

  test('says so when there are no prices, and takes some', async () => {
    const chinese = { ...answers, showPolicy: showChinese };
    const measured = { measureSource: listing(100, 1e9) };
    const without = await runAgainst(chinese, add, measured);
    expect(without.out).toMatch(/^Estimate: There are no prices of cn-north-1\. .*--prices/m);
    const priced = await runAgainst(chinese, [...add, '--prices', file('china.json')], measured);
    expect(priced.out).toMatch(/^Estimate with 1 % changed a day: /m);
    const wrong = await runAgainst(chinese, [...add, '--prices', file('wrong.json')], measured);
    expect(wrong).toMatchObject({ code: 2, calls: [] });
  });

  test('opens the vault also when nothing can be measured', async () => {
    const { out, code } = await runAgainst(answers, add);
    expect(code).toBe(0);
    expect(out).toContain('see "vault estimate"');
    expect(out).toContain(VAULT);
  });
});

test('what costs less than the smallest coin is not called nothing', () => {
  expect(afterErasureLines({ days: 1, cost: 0.001 }, 'USD')).toEqual([
    'After an erasure the ciphertext stays, and is paid for, up to 1 day: less than USD 0.01. ' +
      'Nobody can shorten that.',
  ]);
  expect(afterErasureLines({ days: 35, cost: 1.2 }, 'USD')[0]).toContain(
    '35 days: USD 1.20 at most',
  );
});
