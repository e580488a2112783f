import { describe, expect, test } from 'vitest';
import type { ClosingPlan, VaultClosingPlan } from '../../shared/admin-api/closing-answers.ts';
import { citeArticle } from '../../shared/domain/cited-law.ts';
import { type Answering, runAgainst } from './run-fixture.ts';
import { CLIENT, client, RUN, run, SNAPSHOT, VAULT, vault } from './sample-answers.ts';

const AT = '2026-11-02T08:00:00.000Z';
const EVENT = '2026-08-20';
const VERIFICATION = '01KB1TDX4ZJ4Y6V3N5M2X9W0RC';

const CLOSING = {
  closedAt: AT,
  closedBy: 'somebody',
  disposition: 'retain',
  event: EVENT,
  keepUntil: '2036-08-20T16:00:00.000Z',
  finalSnapshotId: SNAPSHOT,
  basis: [citeArticle('PERIOD_RUNS')],
} as const;

function planned(changes: Partial<VaultClosingPlan> = {}): ClosingPlan {
  const says = 'the statutory period still runs';
  const ruling = {
    basis: [citeArticle('PERIOD_RUNS')],
    says,
    keepUntil: CLOSING.keepUntil,
    warnings: [],
  };
  const vaultPlan: VaultClosingPlan = {
    vaultId: VAULT,
    recordClass: 'books',
    state: 'ACTIVE',
    policyId: 'engagement-10y',
    event: EVENT,
    countedFrom: ['from the day the engagement file is formed'],
    mayStartLater: true,
    role: 'controller',
    source: 's3',
    holds: 0,
    lastSnapshotId: SNAPSHOT,
    lastSnapshotAt: AT,
    isLongAgo: false,
    isFinal: false,
    closing: null,
    options: [
      { disposition: 'retain', allowed: true, ...ruling },
      { disposition: 'erase', allowed: false, ...ruling },
      { disposition: 'hand-over', allowed: false, ...ruling },
    ],
    ...changes,
  };
  return { clientId: CLIENT, event: EVENT, vaults: [vaultPlan] };
}

function answering(plan: ClosingPlan, changes: Answering = {}): Answering {
  const verification = { vaultId: VAULT, verificationId: VERIFICATION, state: 'SUCCEEDED' };
  const closing = {
    closedAt: AT,
    closedBy: 'somebody',
    event: EVENT,
    custodian: null,
    custodianBasis: null,
  };
  return {
    planClosing: plan,
    runBackup: run(),
    showBackup: [run(), run({ state: 'SUCCEEDED', snapshotId: SNAPSHOT })],
    showVault: { ...vault(), lastSnapshotId: SNAPSHOT },
    requestVerification: { ...verification, state: 'RUNNING' },
    showVerification: verification,
    closeVault: { ...vault(), holds: 0, state: 'CLOSED', closing: CLOSING },
    closeClient: { ...client(), closing },
    ...changes,
  };
}

const args = ['client', 'close', CLIENT, '--event-date', EVENT];
const retain = ['--disposition', `${VAULT}=retain`];

describe('client close', () => {
  test('backs up, verifies and closes each vault, then the client', async () => {
    const ran = await runAgainst(answering(planned()), [...args, ...retain]);
    expect(ran.calls.map(({ route }) => route)).toEqual([
      'planClosing',
      'runBackup',
      'showBackup',
      'showBackup',
      'showVault',
      'requestVerification',
      'showVerification',
      'closeVault',
      'closeClient',
    ]);
    expect(ran.calls[7]?.input).toEqual({
      params: { vaultId: VAULT },
      body: { disposition: 'retain', event: EVENT, verificationId: VERIFICATION },
    });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain(`${VAULT} retain, until 2036-08-20T16:00:00Z`);
    // The plan comes before anything is done.
    expect(ran.err.indexOf('retain (chosen)')).toBeLessThan(ran.err.indexOf(`run ${RUN}`));
  });

  test('--dry-run shows what the law allows, and asks for nothing else', async () => {
    const ran = await runAgainst(answering(planned()), [...args, '--dry-run']);
    expect(ran.calls.map(({ route }) => route)).toEqual(['planClosing']);
    expect(ran.out).toContain('No statute that was read says who keeps the books');
    expect(ran.out).toMatch(/erase +not allowed: the statutory period still runs \(个人信息保护法/);
    expect(ran.code).toBe(0);
  });

  test('counts each vault from a day of its own where one is given', async () => {
    const late = '2026-10-01';
    const own = { ...planned({ event: late }), event: late };
    const plans = answering(planned(), { planClosing: [planned(), own] });
    const ran = await runAgainst(plans, [...args, ...retain, '--event', `${VAULT}=${late}`]);
    expect(ran.calls.slice(0, 2).map(({ input }) => input.query)).toEqual([
      { event: EVENT },
      { event: late },
    ]);
    const bodies = ran.calls.filter(({ route }) => route.startsWith('close'));
    expect(bodies.map(({ input }) => input.body)).toMatchObject([
      { event: late },
      { event: EVENT },
    ]);
    expect(ran.err).not.toContain('kept too short');
  });

  test('--dry-run says what the day must be, and warns when it may be later', async () => {
    const { out } = await runAgainst(answering(planned()), [...args, '--dry-run']);
    expect(out).toMatch(
      /^counted +from the day the engagement file is formed: taken to be 2026-08/m,
    );
    expect(out).toContain(`--event ${VAULT}=DATE, or the vault is kept too short`);
    const sure = answering(planned({ mayStartLater: false }));
    expect((await runAgainst(sure, [...args, '--dry-run'])).out).not.toContain('kept too short');
  });

  test('refuses what the law forbids before anything is backed up, with the rule', async () => {
    const erase = ['--disposition', `${VAULT}=erase`];
    const ran = await runAgainst(answering(planned()), [...args, ...erase]);
    expect(ran.calls.map(({ route }) => route)).toEqual(['planClosing']);
    expect(ran.err).toContain('个人信息保护法 47(2)');
    expect(ran.code).toBe(5);
  });

  test.each([
    ['a vault without a disposition', []],
    ['a vault of somebody else', ['--disposition', `${RUN}=retain`, ...retain]],
    ['a disposition there is not', ['--disposition', `${VAULT}=keep`]],
  ])('refuses %s', async (_what, more) => {
    const ran = await runAgainst(answering(planned()), [...args, ...more]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.calls.map(({ route }) => route)).not.toContain('closeVault');
  });

  test.each([
    ['a vault of somebody else', ['--disposition', `${RUN}=retain`], 2],
    ['a vault that is given twice', [...retain, ...retain], 2],
    ['what the law forbids', ['--disposition', `${VAULT}=erase`], 5],
  ])('--dry-run does not end well for %s', async (_what, more, code) => {
    const ran = await runAgainst(answering(planned()), [...args, ...more, '--dry-run']);
    expect(ran.code).toBe(code);
  });

  test.each<[string, Partial<VaultClosingPlan>]>([
    ['that is restricted and was never closed', { state: 'RESTRICTED' }],
    ['closed with another day', { state: 'CLOSED', closing: { ...CLOSING, event: '2026-08-19' } }],
    ['whose day lies years before its last snapshot', { isLongAgo: true }],
  ])('refuses a vault %s before anything is backed up', async (_what, changes) => {
    const ran = await runAgainst(answering(planned(changes)), [...args, ...retain]);
    expect(ran.calls.map(({ route }) => route)).toEqual(['planClosing']);
    expect(ran.code).toBe(5);
  });

  test('takes a day of years ago once it is confirmed', async () => {
    const plan = answering(planned({ isLongAgo: true }));
    const dry = await runAgainst(plan, [...args, '--dry-run']);
    expect(dry.out).toContain('add --confirm-dates');
    const ran = await runAgainst(plan, [...args, ...retain, '--confirm-dates']);
    const closing = ran.calls.find(({ route }) => route === 'closeVault');
    expect(closing?.input.body).toMatchObject({ event: EVENT, confirmedEvent: EVENT });
  });

  test('goes on where it was: closed vaults are left alone', async () => {
    const plan = planned({ state: 'CLOSED', closing: CLOSING });
    const ran = await runAgainst(answering(plan), args);
    expect(ran.calls.map(({ route }) => route)).toEqual(['planClosing', 'closeClient']);
    expect(ran.code).toBe(0);
  });

  test('takes a confirmed snapshot instead of another backup', async () => {
    const confirm = ['--confirm', `${VAULT}=${SNAPSHOT}`];
    const ran = await runAgainst(answering(planned()), [...args, ...retain, ...confirm]);
    expect(ran.calls.map(({ route }) => route)).not.toContain('runBackup');
    const closing = ran.calls.find(({ route }) => route === 'closeVault');
    expect(closing?.input.body).toMatchObject({ confirmedSnapshotId: SNAPSHOT });
  });

  test('stops when the last backup failed, and closes nothing', async () => {
    const failed = run({ state: 'FAILED', failure: 'SOURCE_DENIED' });
    const ran = await runAgainst(answering(planned(), { showBackup: failed }), [
      ...args,
      ...retain,
    ]);
    expect(ran.code).toBe(5);
    expect(ran.calls.map(({ route }) => route)).not.toContain('closeVault');
  });
});

describe('hand-over', () => {
  test('confirm sends who received the records, and by which restore', async () => {
    const confirmed = {
      vaultId: VAULT,
      restoreId: RUN,
      recipient: 'the director',
      confirmedBy: 'somebody',
      confirmedAt: AT,
    };
    const ran = await runAgainst({ confirmHandover: confirmed }, [
      ...['hand-over', 'confirm', VAULT, '--restore', RUN, '--recipient', 'the director'],
    ]);
    expect(ran.calls[0]?.input).toEqual({
      params: { vaultId: VAULT },
      body: { restoreId: RUN, recipient: 'the director', mode: 'return' },
    });
    expect(ran.out).toContain('the director');
  });

  test('show prints the list, with the period that binds the receiver', async () => {
    const list = {
      vaultId: VAULT,
      clientReference: 'C-1042',
      clientName: '莲花贸易有限公司',
      recordClass: 'books',
      title: 'vouchers',
      records: 2,
      bytes: 2048,
      openedOn: '2026-01-01',
      lastSnapshot: '2026-08-20',
      finalSnapshotId: SNAPSHOT,
      sealSha256: 'ab'.repeat(32),
      duties: [
        {
          ...{ ruleId: 'cn-acct-voucher-30y', period: 'P30Y', grade: 'C', doubts: ['unread'] },
          basis: [{ article: '会计档案管理办法 14', grade: 'B', doubts: [] }],
          lastDayKept: '2056-12-31',
          elapsed: { years: 1, months: 2, days: 0 },
        },
      ],
      event: EVENT,
      handover: null,
    };
    const ran = await runAgainst({ listHandover: list }, ['hand-over', 'show', VAULT]);
    expect(ran.out).toContain('30 years (C, unconfirmed), until 2056-12-31: 会计档案管理办法 14');
    expect(ran.out).toMatch(/elapsed +1 year 2 months$/m);
    expect(ran.out).toMatch(/backed up +from 2026-01-01 to 2026-08-20$/m);
    expect(ran.out).toContain('2 records, 2.0 KiB');
  });
});

describe('client show', () => {
  test('shows each vault with what becomes of it', async () => {
    const { holds: _, ...summary } = vault();
    const vaults = [{ ...summary, state: 'CLOSED', holds: 1, closing: CLOSING }];
    const answer = { ...client(), vaults, holds: [] };
    const ran = await runAgainst({ showClient: answer }, ['client', 'show', CLIENT]);
    expect(ran.out).toMatch(/CLOSED +1 +retain +2036-08-20T16:00:00Z/);
  });

  test('says of what is kept for ever that it is never erased', async () => {
    const { holds: _, ...summary } = vault();
    const closing = { ...CLOSING, keepUntil: null };
    const vaults = [{ ...summary, state: 'CLOSED', holds: 0, closing }];
    const answer = { ...client(), vaults, holds: [] };
    const ran = await runAgainst({ showClient: answer }, ['client', 'show', CLIENT]);
    expect(ran.out).toMatch(/CLOSED +0 +retain +never$/m);
  });
});
