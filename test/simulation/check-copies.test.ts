import { expect, test } from 'vitest';
import { SeededRandom } from '../../bench/seeded-random.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { packKey } from '../../shared/format/object-keys.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import { OPERATOR } from '../support/living-installation.ts';
import { CopyChecks } from './check-copies.ts';
import { checkHolds } from './check-ends.ts';
import { People } from './people.ts';
import { RestoreChecks } from './restore-checks.ts';
import { type Birth, fillSource } from './simulated-vault.ts';
import { simulatedWorld } from './simulated-world.ts';

/** A vault with one snapshot, and what checks it. */
async function checkedVault() {
  const world = simulatedWorld(new Date('2026-11-02T08:00:00Z'));
  const random = new SeededRandom('checked');
  const people = new People(world, random);
  await people.addPolicies();
  const vault = await people.registerVault(await people.registerClient(), 'consent');
  fillSource(vault, random, 4);
  const run = await requestBackup(world.services, OPERATOR, vault.vaultId);
  const { snapshotId } = await runBackup(world.services, run);
  const stored = await world.ledger().get('snapshot', vault.vaultId, snapshotId);
  const restores = new RestoreChecks(world);
  const snapshot = stored?.record as Birth['snapshot'];
  vault.add(await restores.atBirth(vault, snapshot, 'primary'));
  const copies = new CopyChecks(world);
  const check = () => copies.checkVault(vault, COPY_NAMES, { sweptAt: null });
  const passHolds = async () => {
    await world.memory.clock.moveDays(1);
    await applyHolds(world.services);
    vault.heldSince = world.memory.clock.now().getTime();
  };
  return { world, people, vault, check, passHolds };
}

async function aPackOf({ world, vault }: Awaited<ReturnType<typeof checkedVault>>) {
  const [pack] = await Array.fromAsync(world.ledger().list('pack', { vaultId: vault.vaultId }));
  const { packId, versions } = pack?.record ?? { packId: '', versions: { primary: '' } };
  return [packKey(vault.vaultId, packId), versions.primary ?? ''] as const;
}

test('a legal hold that nobody has placed is found, also on what nobody needs', async () => {
  const checked = await checkedVault();
  const { world, vault, check, passHolds } = checked;
  await passHolds();
  await check();
  await world.memory.copies.primary.setLegalHold(...(await aPackOf(checked)), true);
  await expect(check()).rejects.toThrow('under a legal hold that nobody has placed');
  vault.births = [];
  await expect(check()).rejects.toThrow('under a legal hold that nobody has placed');
});

test('a legal hold that is not lifted after the release is found, and one that is off', async () => {
  const checked = await checkedVault();
  const { world, people, vault, check, passHolds } = checked;
  await people.placeHold(vault, [vault]);
  await passHolds();
  await check();
  const pack = await aPackOf(checked);
  await world.memory.copies.primary.setLegalHold(...pack, false);
  await expect(check()).rejects.toThrow('is not under the legal hold');
  await world.memory.copies.primary.setLegalHold(...pack, true);
  world.memory.pipeline.wire({ holds: async () => {} });
  await people.releaseHold(vault, [vault]);
  await check();
  vault.heldSince = world.memory.clock.now().getTime();
  await expect(check()).rejects.toThrow('under a legal hold that nobody has placed');
});

test('a hold that the ledger has forgotten is found', async () => {
  const { world, people, vault } = await checkedVault();
  const before = world.ledger().copy();
  await people.placeHold(vault, [vault]);
  await checkHolds(world, vault);
  world.restoreLedger(before);
  await expect(checkHolds(world, vault)).rejects.toThrow('in place of');
});
