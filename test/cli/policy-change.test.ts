import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBuiltIn, type Policy } from '../../shared/domain/policy.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { samplePolicy } from '../support/sample-records.ts';
import { runAgainst } from './run-fixture.ts';
import { CLIENT, client, VAULT, vault } from './sample-answers.ts';

const BASE = findBuiltIn('engagement-10y') as Policy;
const { statute: _, ...DOCUMENT } = BASE;
const LONG = { ...DOCUMENT, version: 2, lock: { ...DOCUMENT.lock, horizonDays: 380 } };
const { kind: __, document: ___, ...VERSION } = samplePolicy('engagement-10y', 2);
const AWAITED = { ...VERSION, approval: 'awaited' };
const SHOWN = {
  installation: { ...TEST_INSTALLATION },
  reviewOverdue: false,
  rules: [],
  retention: null,
};
const shownLong = { ...SHOWN, policy: { ...BASE, ...LONG }, added: AWAITED };
const shownBase = { ...SHOWN, policy: BASE, added: null };

let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-policy-'));
  await writeFile(file('long.json'), JSON.stringify(LONG));
  await writeFile(file('wrong.json'), JSON.stringify({ ...LONG, keepYears: 3 }));
  await writeFile(file('broken.json'), '{');
});

afterAll(async () => rm(folder, { recursive: true }));

describe('policy add', () => {
  test('sends the document, and says what a long lock means and who must agree', async () => {
    const answer = { addPolicy: AWAITED };
    const { out, calls, code } = await runAgainst(answer, ['policy', 'add', file('long.json')]);
    expect(code).toBe(0);
    expect(calls).toEqual([
      { route: 'addPolicy', input: { params: {}, body: { document: LONG } } },
    ]);
    expect(out).toContain('up to 387 days ahead');
    expect(out).toContain('nobody can shorten them');
    expect(out).toContain(
      'as another person: holdfast policy approve engagement-10y --policy-version 2',
    );
  });

  test.each([
    ['wrong.json', 'the document has unknown fields: keepYears'],
    ['broken.json', 'is no JSON'],
    ['missing.json', 'cannot be read'],
  ])('sends nothing of %s', async (name, says) => {
    const ran = await runAgainst({}, ['policy', 'add', file(name)]);
    expect(ran).toMatchObject({ code: 2, out: '', calls: [] });
    expect(ran.err).toContain(says);
  });
});

describe('policy approve', () => {
  const args = ['policy', 'approve', 'engagement-10y', '--policy-version', '2'];

  test('only shows what it would mean, without --confirm', async () => {
    const { out, calls } = await runAgainst({ showPolicy: shownLong }, args);
    expect(calls.map(({ route }) => route)).toEqual(['showPolicy']);
    expect(out).toContain('nobody can shorten them');
    expect(out).toMatch(/A TiB in a million records.*USD \d+\.\d\d at first/);
    expect(out).toContain('is paid for, up to 387 days: USD');
    expect(out).toContain('Nothing was approved.');
  });

  test('says that the cost is not known where there are no prices', async () => {
    const regions = { primary: 'cn-north-1', secondary: 'cn-northwest-1' };
    const showPolicy = { ...shownLong, installation: { ...TEST_INSTALLATION, regions } };
    const { out } = await runAgainst({ showPolicy }, args);
    expect(out).toContain('What it costs is not known: There are no prices of cn-north-1.');
  });

  test('approves with --confirm', async () => {
    const approvePolicy = { ...AWAITED, approval: 'given', approvedAt: '2026-11-02T08:00:00Z' };
    const answers = { showPolicy: shownLong, approvePolicy };
    const { out, calls } = await runAgainst(answers, [...args, '--confirm']);
    const params = { policyId: 'engagement-10y' };
    expect(calls.at(-1)).toEqual({
      route: 'approvePolicy',
      input: { params, body: { version: 2 } },
    });
    expect(out).toContain('given 2026-11-02T08:00:00Z');
  });
});

describe('policy assign', () => {
  const mine = { ...vault(), policyId: 'engagement-10y', policyVersion: 1, holds: 0 };
  const OTHER = '01KB1T8R9ZJ4Y6V3N5M2X9W0RD';
  const world = {
    listPolicies: {
      policies: [
        { ...BASE, added: null },
        { ...BASE, ...LONG, added: { ...VERSION, approval: 'given' } },
        { ...BASE, id: 'another', version: 9, added: null },
        { ...BASE, version: 3, added: AWAITED },
      ],
    },
    showPolicy: [shownLong, shownBase],
    showVault: { ...mine, holds: [] },
    listClients: { clients: [client()], next: null },
    listVaults: {
      vaults: [
        mine,
        { ...mine, vaultId: OTHER, policyVersion: 2 },
        { ...mine, vaultId: OTHER, policyId: 'consent-only' },
        { ...mine, vaultId: OTHER, state: 'ERASED' },
      ],
    },
    assignPolicy: { ...mine, policyVersion: 2 },
  };

  test('of one vault says in words what changes and what cannot be undone', async () => {
    const args = ['policy', 'assign', 'engagement-10y', '--vault', VAULT];
    const { out, calls, code } = await runAgainst(world, args);
    expect(code).toBe(0);
    const body = { policyId: 'engagement-10y', version: 2 };
    expect(calls).toContainEqual({
      route: 'assignPolicy',
      input: { params: { vaultId: VAULT }, body },
    });
    expect(out).toContain('Locked ahead: 380 days instead of 90 days.');
    expect(out).toContain('Snapshots that exist keep their end.');
    expect(out).toContain('1 vault changed.');
    // Not version 3, which still waits for a second person.
    const asked = calls.find(({ route }) => route === 'showPolicy');
    expect(asked?.input.query).toEqual({ version: 2 });
  });

  test('of all takes only those that have another version and are not erased', async () => {
    const args = ['policy', 'assign', 'engagement-10y', '--all', '--json'];
    const { out, calls } = await runAgainst(world, args);
    expect(calls.find(({ route }) => route === 'listVaults')?.input.params).toEqual({
      clientId: CLIENT,
    });
    expect(calls.filter(({ route }) => route === 'assignPolicy')).toHaveLength(1);
    expect(JSON.parse(out)).toMatchObject({
      dryRun: false,
      vaults: [{ vaultId: VAULT, before: { policyId: 'engagement-10y', policyVersion: 1 } }],
    });
  });

  test('with --dry-run says that a version nobody has approved would be refused', async () => {
    const shown = { ...shownLong, added: AWAITED };
    const args = ['policy', 'assign', 'engagement-10y', '--policy-version', '3', '--all'];
    const answers = { ...world, showPolicy: [shown, shownBase] };
    const ran = await runAgainst(answers, [...args, '--dry-run']);
    expect(ran.err).toContain('POLICY_NOT_APPROVED');
    expect(ran.code).toBe(5);
  });

  test('with --dry-run changes nothing', async () => {
    const args = ['policy', 'assign', 'engagement-10y', '--all', '--dry-run'];
    const { out, calls } = await runAgainst(world, args);
    expect(calls.map(({ route }) => route)).not.toContain('assignPolicy');
    expect(out).toContain('1 vault would change.');
  });

  test.each([[[]], [['--vault', VAULT, '--all']]])(
    'wants one vault or all: %j',
    async (options) => {
      const ran = await runAgainst({}, ['policy', 'assign', 'engagement-10y', ...options]);
      expect(ran).toMatchObject({ code: 2, calls: [] });
      expect(ran.err).toContain('--vault');
    },
  );
});

describe('policy diff', () => {
  test('compares the newest version with the one before', async () => {
    const answers = { showPolicy: [shownLong, shownBase] };
    const { out, calls } = await runAgainst(answers, ['policy', 'diff', 'engagement-10y']);
    expect(calls.map(({ input }) => input.query)).toEqual([{}, { version: 1 }]);
    expect(out).toContain('- Locked ahead: 380 days instead of 90 days.');
    expect(out).toContain('=> Locks of more than a year: a second person must approve');
  });

  test('compares the newest version with a file', async () => {
    const args = ['policy', 'diff', 'engagement-10y', file('long.json'), '--json'];
    const { out, calls } = await runAgainst({ showPolicy: shownBase }, args);
    expect(calls).toHaveLength(1);
    expect(JSON.parse(out).changes).toEqual([
      expect.objectContaining({ field: 'lock.horizonDays', from: '90', to: '380' }),
    ]);
  });

  test('takes no version to compare a file with and another', async () => {
    const args = ['policy', 'diff', 'engagement-10y', file('long.json'), '--to', '2'];
    expect(await runAgainst({}, args)).toMatchObject({ code: 2, calls: [] });
  });
});
