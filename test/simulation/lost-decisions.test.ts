import { expect, test } from 'vitest';
import { SeededRandom } from '../../bench/seeded-random.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { keyStates } from '../support/erasing.ts';
import { heldCounts } from '../support/holding-world.ts';
import { OPERATOR } from '../support/living-installation.ts';
import { checkedVault } from './checked-vault.ts';
import { DailyFunctions } from './daily-functions.ts';

type Checked = Awaited<ReturnType<typeof checkedVault>>;

/**
 * Something is decided on a day that the ledger then forgets; it is rebuilt from both copies, as
 * the runbook says, and three days pass.
 */
async function onALostDay(decide: (checked: Checked) => Promise<unknown>) {
  const checked = await checkedVault();
  const { world, vault } = checked;
  const { clock } = world.memory;
  const functions = new DailyFunctions(world, new SeededRandom('lost'));
  const liveDay = async (decided?: Promise<unknown>) => {
    await decided;
    await functions.run({ backsUp: false, isWeekly: false, isDown: false });
    await clock.moveDays(1);
  };
  const before = world.ledger().copy();
  await liveDay(decide(checked));
  world.restoreLedger(before);
  for (const from of COPY_NAMES) {
    await rebuildLedger(world.services, OPERATOR, { from, dryRun: false });
  }
  for (let day = 0; day < 3; day += 1) {
    await liveDay();
  }
  const now = (await world.ledger().get('vault', vault.vaultId))?.record;
  return { ...checked, now };
}

test.each(['vault', 'snapshot'] as const)('a hold on a %s is in force again', async (kind) => {
  const { world, vault, now, checkRestores } = await onALostDay((checked) =>
    checked.people.placeHoldOn(checked.vault, [checked.vault], kind),
  );
  expect(now).toMatchObject({ state: 'ACTIVE', holds: 1 });
  const objects = vault.births.flatMap((birth) => birth.objects).length;
  expect(await heldCounts(world.memory, vault.vault)).toEqual([objects, objects]);
  await checkRestores();
});

test('an erasure that nobody knows to have been approved is called off', async () => {
  const { world, vault, now, checkRestores } = await onALostDay(async (lost) => {
    await lost.people.erase(lost.vault);
    expect(await keyStates(lost.world.memory, lost.vault.vault)).not.toContain('Enabled');
  });
  expect(now).toMatchObject({ state: 'ACTIVE', erasureId: null });
  expect(await keyStates(world.memory, vault.vault)).toEqual(['Enabled', 'Enabled']);
  await checkRestores();
});

test('a vault that nobody knows to have been closed is open, and can be closed again', async () => {
  const close = ({ people, vault }: Checked) => people.closeVault(vault, 'erase');
  const checked = await onALostDay(close);
  expect(checked.now).toMatchObject({ state: 'ACTIVE', closing: null });
  await checked.checkRestores();
  await close(checked);
});

test('a backup is found in the copies', async () => {
  let snapshotId = '';
  const { now, checkRestores, meet } = await onALostDay(async ({ world, vault }) => {
    vault.put('records/new.bin', Buffer.from('of the lost day'));
    const run = await requestBackup(world.services, OPERATOR, vault.vaultId);
    snapshotId = (await runBackup(world.services, run)).snapshotId;
  });
  expect(now?.lastSnapshotId).toBe(snapshotId);
  await meet(snapshotId);
  await checkRestores();
});
