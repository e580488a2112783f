import { describe, expect, test } from 'vitest';
import { type Drill, drillDue } from '../../shared/domain/drill.ts';

const policy = { drillEveryDays: 30 };
const vault = {
  state: 'ACTIVE' as const,
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSnapshotId: 'snapshot-1',
  drill: null,
};
const drill: Drill = {
  verificationId: 'v',
  startedAt: '2026-02-01T00:00:00.000Z',
  state: 'SUCCEEDED',
  passedAt: '2026-02-01T01:00:00.000Z',
};
const NOTHING = { isDue: false, overdueDays: 0 };

describe('the drill of a vault', () => {
  test('is due first when the interval is over after its registration', () => {
    expect(drillDue(vault, policy, new Date('2026-01-30T23:59:59Z'))).toEqual(NOTHING);
    const due = drillDue(vault, policy, new Date('2026-01-31T00:00:00Z'));
    expect(due).toEqual({ isDue: true, overdueDays: 0 });
  });

  test('is due again when the interval is over after the last that passed', () => {
    const drilled = { ...vault, drill };
    expect(drillDue(drilled, policy, new Date('2026-03-03T00:59:59Z'))).toEqual(NOTHING);
    const due = drillDue(drilled, policy, new Date('2026-03-05T01:00:00Z'));
    expect(due).toEqual({ isDue: true, overdueDays: 2 });
  });

  test.each(['FAILED', 'RUNNING'] as const)('%s, is tried again a day later', (state) => {
    const startedAt = '2026-03-10T00:00:00.000Z';
    const tried = { ...vault, drill: { ...drill, state, startedAt } };
    const soon = drillDue(tried, policy, new Date('2026-03-10T23:00:00Z'));
    expect(soon).toMatchObject({ isDue: false });
    expect(soon.overdueDays).toBeGreaterThan(6);
    const later = drillDue(tried, policy, new Date('2026-03-11T00:00:00Z'));
    expect(later).toMatchObject({ isDue: true });
  });

  test('is never due without an interval, a snapshot, or keys that may be used', () => {
    const late = new Date('2030-01-01T00:00:00Z');
    expect(drillDue(vault, { drillEveryDays: null }, late)).toEqual(NOTHING);
    expect(drillDue({ ...vault, lastSnapshotId: null }, policy, late)).toEqual(NOTHING);
    for (const state of ['RESTRICTED', 'ERASE_PENDING', 'ERASED'] as const) {
      expect(drillDue({ ...vault, state }, policy, late)).toEqual(NOTHING);
    }
    expect(drillDue({ ...vault, state: 'CLOSED' }, policy, late)).toMatchObject({ isDue: true });
  });
});
