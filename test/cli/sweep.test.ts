import { describe, expect, test } from 'vitest';
import type { SweepAnswer } from '../../shared/admin-api/sweep-answer.ts';
import { runAgainst } from './run-fixture.ts';
import { SNAPSHOT, VAULT } from './sample-answers.ts';

const AT = '2026-11-23T06:18:30.000Z';
const DRY = ['vault', 'sweep', VAULT, '--dry-run'];

const NOTHING = { versions: 0, bytes: 0 };

function answer(changes: Partial<SweepAnswer> = {}): SweepAnswer {
  return {
    vaultId: VAULT,
    expires: [],
    removes: {},
    total: NOTHING,
    stays: { ...NOTHING, from: null, until: null },
    stored: { versions: 12, bytes: 4096 },
    disagreements: [],
    disagreementCount: 0,
    stopped: null,
    versions: [],
    isWhole: true,
    ...changes,
  };
}

describe('vault sweep --dry-run', () => {
  test('changes nothing, and tells what would go, why, and what stays until when', async () => {
    const showSweep = answer({
      expires: [{ snapshotId: SNAPSHOT, createdAt: AT, retainUntil: AT }],
      removes: { unneeded: { versions: 2, bytes: 2048 }, marker: { versions: 1, bytes: 0 } },
      total: { versions: 3, bytes: 2048 },
      stays: { versions: 4, bytes: 1024, from: AT, until: '2026-12-10T00:00:00.000Z' },
    });
    const ran = await runAgainst({ showSweep }, DRY);
    expect(ran.code).toBe(0);
    expect(ran.calls.map(({ route }) => route)).toEqual(['showSweep']);
    expect(ran.out).toMatch(/would be removed +3 versions, 2\.0 KiB/);
    expect(ran.out).toMatch(/pack that no snapshot needs +2 +2\.0 KiB/);
    expect(ran.out).toMatch(/delete marker +1 +0 B/);
    expect(ran.out).toContain(SNAPSHOT);
    const stays = '4 versions, 1.0 KiB, locked until 2026-11-23T06:18:30Z to 2026-12-10T00:00:00Z';
    expect(ran.out).toContain(stays);
  });

  test('lists the first versions that would go, and all of them as JSON', async () => {
    const versions = Array.from({ length: 60 }, (_, index) => ({
      key: `vaults/${VAULT}/packs/${index}`,
      copy: 'secondary' as const,
      versionId: `v${index}`,
      bytes: 2048,
      reason: 'unneeded' as const,
      unlockedSince: index === 0 ? null : AT,
    }));
    const removes = { unneeded: { versions: 70, bytes: 143360 } };
    const showSweep = answer({ removes, total: removes.unneeded, versions, isWhole: false });
    const { out } = await runAgainst({ showSweep }, DRY);
    expect(out).toMatch(/secondary +2\.0 KiB +- +packs\/0 +v0\n/);
    expect(out).toMatch(/secondary +2\.0 KiB +2026-11-23T06:18:30Z +packs\/49 +v49\n/);
    expect(out).toContain(`Under vaults/${VAULT}/:`);
    expect(out).not.toContain('packs/50');
    expect(out).toContain('And 20 more versions.');
    expect(out).toMatch(/looked at +a part/);
    const json = await runAgainst({ showSweep }, [...DRY, '--json']);
    expect(JSON.parse(json.out).versions).toEqual(versions);
  });

  test('names what ledger and copies contradict each other in', async () => {
    const disagreement = { copy: 'primary', object: 'vaults/x', problem: 'is not there' } as const;
    const showSweep = answer({
      stopped: 'disagreement',
      disagreements: [disagreement],
      disagreementCount: 3,
    });
    const ran = await runAgainst({ showSweep }, DRY);
    expect(ran.out).toMatch(/would be stopped +yes: ledger and copies contradict each other/);
    expect(ran.out).toMatch(/primary +vaults\/x +is not there/);
    expect(ran.out).toContain('And 2 more disagreements.');
  });
});

describe('vault sweep', () => {
  const requestSweep = { vaultId: VAULT, requestedAt: AT };
  const last = {
    at: '2026-11-23T06:19:00.000Z',
    expired: 2,
    removed: { versions: 6, bytes: 600 },
    stays: { ...NOTHING, from: null, until: null },
    stopped: null,
  };

  test('starts one, waits until it has ended, and shows what it did', async () => {
    const before = { vaultId: VAULT, last: { ...last, at: '2026-11-22T00:00:00.000Z' } };
    const showLastSweep = [before, { vaultId: VAULT, last }];
    const ran = await runAgainst({ requestSweep, showLastSweep }, ['vault', 'sweep', VAULT]);
    expect(ran.code).toBe(0);
    expect(ran.calls[0]).toEqual({
      route: 'requestSweep',
      input: { params: { vaultId: VAULT }, body: { confirm: false } },
    });
    expect(ran.calls).toHaveLength(3);
    expect(ran.out).toMatch(/snapshots expired +2/);
    expect(ran.out).toMatch(/removed +6 versions, 600 B/);
  });

  test('ends with 4 when it was stopped, and says what to do', async () => {
    const showLastSweep = { vaultId: VAULT, last: { ...last, stopped: 'share' } };
    const ran = await runAgainst({ requestSweep, showLastSweep }, ['vault', 'sweep', VAULT]);
    expect(ran.code).toBe(4);
    expect(ran.out).toContain('more would go at once than goes without --confirm');
    expect(ran.err).toContain('--dry-run');
  });

  test('passes on that a person has confirmed', async () => {
    const args = ['vault', 'sweep', VAULT, '--confirm', '--no-wait'];
    const ran = await runAgainst({ requestSweep }, args);
    expect(ran.code).toBe(0);
    expect(ran.calls.map(({ input }) => input.body)).toEqual([{ confirm: true }]);
    expect(ran.out).toContain('under way');
  });

  test('refuses an id that is none', async () => {
    expect((await runAgainst({}, ['vault', 'sweep', 'x'])).code).toBe(2);
  });
});
