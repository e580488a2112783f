import { describe, expect, test } from 'vitest';
import type { RebuiltVault } from '../../shared/admin-api/rebuild-answers.ts';
import { runAgainst } from './run-fixture.ts';
import { VAULT } from './sample-answers.ts';

const OTHER = '01KB1T9S0ZJ4Y6V3N5M2X9W0RC';

function rebuilt(vaultId: string, changes: Partial<RebuiltVault> = {}): RebuiltVault {
  return {
    vaultId,
    outcome: 'rebuilt',
    why: null,
    snapshots: 2,
    objects: 3,
    unreadable: [],
    held: false,
    ...changes,
  };
}

describe('ledger rebuild', () => {
  test('asks until every vault was looked at, and adds up what a large one took', async () => {
    const pages = [
      { vaults: [rebuilt(VAULT)], isDone: false, after: null },
      { vaults: [rebuilt(VAULT, { outcome: 'completed' })], isDone: false, after: VAULT },
      { vaults: [rebuilt(OTHER, { held: true })], isDone: true, after: OTHER },
    ];
    const args = ['ledger', 'rebuild', '--from', 'secondary'];
    const ran = await runAgainst({ rebuildLedger: pages }, args);
    expect(ran.calls.map(({ input }) => input.body)).toEqual([
      { from: 'secondary', dryRun: false },
      { from: 'secondary', dryRun: false },
      { from: 'secondary', dryRun: false, after: VAULT },
    ]);
    expect(ran.out).toMatch(new RegExp(`${VAULT} +rebuilt +4 +6 +-`));
    expect(ran.out).toMatch(new RegExp(`${OTHER} +rebuilt +2 +3 +yes`));
    expect(ran.code).toBe(0);
  });

  test('says what was left out, why, and which seals could not be read', async () => {
    const left = rebuilt(VAULT, { outcome: 'left-out', why: 'no policy', unreadable: ['a/seal'] });
    const page = { vaults: [left], isDone: true, after: VAULT };
    const args = ['ledger', 'rebuild', '--from', 'primary', '--dry-run'];
    const { out } = await runAgainst({ rebuildLedger: page }, args);
    expect(out).toContain('no policy unreadable: a/seal');
    expect(out).toContain('Nothing was changed.');
  });

  test('needs a copy to believe', async () => {
    expect(await runAgainst({}, ['ledger', 'rebuild'])).toMatchObject({ code: 2, calls: [] });
    const third = await runAgainst({}, ['ledger', 'rebuild', '--from', 'third']);
    expect(third).toMatchObject({ code: 2, calls: [] });
  });
});

describe('ledger reconcile', () => {
  const [open, reconciled] = [{ isReconciled: false }, { isReconciled: true }];

  test('starts the comparison and waits until the ledger is reconciled', async () => {
    const answers = { reconcileLedger: open, showLedger: [open, reconciled] };
    const ran = await runAgainst(answers, ['ledger', 'reconcile']);
    expect(ran.calls.map(({ route }) => route)).toEqual([
      'reconcileLedger',
      'showLedger',
      'showLedger',
    ]);
    expect(ran).toMatchObject({ code: 0, out: 'The ledger is reconciled.\n' });
  });

  test('does not wait when told not to', async () => {
    const args = ['ledger', 'reconcile', '--no-wait'];
    const ran = await runAgainst({ reconcileLedger: open }, args);
    expect(ran.calls).toHaveLength(1);
    expect(ran.out).toContain('under way');
  });
});
