import { describe, expect, test } from 'vitest';
import { createHandler } from '../../functions/admin-query.ts';
import type { RouteName } from '../../shared/admin-api/routes.ts';
import { findBuiltIn } from '../../shared/domain/policy.ts';
import { RETENTION_PRESETS } from '../../shared/domain/retention-preset.ts';
import { memoryServices } from '../support/memory-services.ts';
import { httpRequest, opened } from './http-fixture.ts';

async function ask(route: RouteName, parts?: Parameters<typeof httpRequest>[1]) {
  return opened(await createHandler(memoryServices().services)(httpRequest(route, parts)));
}

describe('a policy', () => {
  const params = { policyId: 'accounting-30y' };

  test('is shown with the rules it stands on and what their grades mean', async () => {
    const { status, body } = await ask('showPolicy', { params });
    expect(status).toBe(200);
    expect(body).toMatchObject({ policy: findBuiltIn('accounting-30y'), retention: null });
    expect(body.rules.map((rule: { id: string }) => rule.id)).toEqual(body.policy.rules);
    for (const rule of body.rules) {
      expect(rule.gradeMeans).toMatch(/\w/);
    }
  });

  test('says until when it keeps a record, and why', async () => {
    const { body } = await ask('showPolicy', { params, query: { event: '2025-03-10' } });
    expect(body.retention).toEqual({
      event: '2025-03-10',
      lastDayKept: '2055-12-31',
      eraseDue: '2055-12-31T16:00:00.000Z',
      because: [
        { presetId: 'cn-acct-voucher-30y', lastDayKept: '2055-12-31', decides: true },
        { presetId: 'cn-acct-ledger-30y', lastDayKept: '2055-12-31', decides: true },
        { presetId: 'cn-tax-document-10y', lastDayKept: '2035-12-31', decides: false },
      ],
    });
  });

  test('is overdue for review from the day after its review date, in its own zone', async () => {
    const { services, clock } = memoryServices();
    const overdueAt = async (instant: string) => {
      await clock.moveTo(new Date(instant));
      const shown = opened(await createHandler(services)(httpRequest('showPolicy', { params })));
      return shown.body.reviewOverdue;
    };
    // Midnight after 2027-11-23 in Shanghai.
    expect(await overdueAt('2027-11-23T15:59:59Z')).toBe(false);
    expect(await overdueAt('2027-11-23T16:00:00Z')).toBe(true);
  });

  test.each(['2025-02-29', '2025-3-1', '', '3000-01-01', 'yesterday'])(
    'is not shown for an event of %j',
    async (event) => {
      const { status, body } = await ask('showPolicy', { params, query: { event } });
      expect(status).toBe(400);
      expect(body.error).toBe('INPUT_INVALID');
      expect(body.message).toContain('event must be a date such as 2025-03-10');
    },
  );
});

test('all presets are listed, and each is shown in the same words', async () => {
  const { body } = await ask('listPresets');
  expect(body.presets).toHaveLength(RETENTION_PRESETS.length);
  const shown = await ask('showPreset', { params: { presetId: 'cn-acct-voucher-30y' } });
  expect(shown.body).toEqual(body.presets[0]);
});

test.each([
  ['showPolicy', { policyId: 'accounting-31y' }, 'POLICY_UNKNOWN'],
  ['showPolicy', { policyId: '../vaults' }, 'POLICY_UNKNOWN'],
  ['showPreset', { presetId: 'constructor' }, 'PRESET_UNKNOWN'],
] as const)('%s of %j is answered with 404', async (route, params, error) => {
  const answer = await ask(route, { params });
  expect(answer).toMatchObject({ status: 404, body: { error } });
  expect(JSON.stringify(answer.body)).not.toContain(Object.values(params)[0]);
});
