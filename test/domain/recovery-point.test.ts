import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recoveryPoint } from '../../shared/domain/recovery-point.ts';

const policy = { backup: { everyHours: 24, rpoHours: 48 } };
const vault = {
  state: 'ACTIVE' as const,
  createdAt: '2026-11-01T00:00:00.000Z',
  lastSnapshotAt: '2026-11-10T00:00:00.000Z',
};

describe('the recovery point of a vault', () => {
  test('is kept for as long as the policy allows, to the hour', () => {
    const kept = recoveryPoint(vault, policy, new Date('2026-11-12T00:00:00Z'));
    expect(kept).toEqual({ rpoHours: 48, ageHours: 48, exceededHours: 0 });
    const lost = recoveryPoint(vault, policy, new Date('2026-11-12T01:30:00Z'));
    expect(lost).toEqual({ rpoHours: 48, ageHours: 49.5, exceededHours: 1.5 });
  });

  test('counts from the registration when nothing was ever backed up', () => {
    const fresh = { ...vault, lastSnapshotAt: null };
    const found = recoveryPoint(fresh, policy, new Date('2026-11-04T00:00:00Z'));
    expect(found).toMatchObject({ ageHours: 72, exceededHours: 24 });
  });

  test('is of no meaning for a vault that is not backed up any more', () => {
    const later = new Date('2030-01-01T00:00:00Z');
    for (const state of ['CLOSED', 'RESTRICTED', 'ERASE_PENDING', 'ERASED'] as const) {
      expect(recoveryPoint({ ...vault, state }, policy, later)).toBeNull();
    }
  });

  test('never goes back while no snapshot is made', () => {
    const hours = fc.double({ min: 0, max: 100_000, noNaN: true });
    fc.assert(
      fc.property(hours, hours, (one, other) => {
        const at = (after: number) =>
          recoveryPoint(vault, policy, new Date(Date.parse(vault.lastSnapshotAt) + after * 3.6e6));
        const [early, late] = [at(Math.min(one, other)), at(Math.max(one, other))];
        expect(late?.exceededHours).toBeGreaterThanOrEqual(early?.exceededHours ?? Number.NaN);
      }),
    );
  });
});
