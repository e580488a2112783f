import { SeededRandom } from '../../bench/seeded-random.ts';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { packKey } from '../../shared/format/object-keys.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import { OPERATOR } from '../support/living-installation.ts';
import { CopyChecks } from './check-copies.ts';
import { People } from './people.ts';
import { RestoreChecks } from './restore-checks.ts';
import { type Birth, fillSource } from './simulated-vault.ts';
import { simulatedWorld } from './simulated-world.ts';

/** A vault with one snapshot, and what checks it. */
export async function checkedVault() {
  const world = simulatedWorld(new Date('2026-11-02T08:00:00Z'));
  const random = new SeededRandom('checked');
  const people = new People(world, random);
  await people.addPolicies();
  const vault = await people.registerVault(await people.registerClient(), 'consent');
  fillSource(vault, random, 4);
  const run = await requestBackup(world.services, OPERATOR, vault.vaultId);
  const { snapshotId } = await runBackup(world.services, run);
  const restores = new RestoreChecks(world);
  const meet = async (id: string) => {
    const stored = await world.ledger().get('snapshot', vault.vaultId, id);
    const snapshot = stored?.record as Birth['snapshot'];
    vault.add(await restores.atBirth(vault, snapshot, 'primary'));
  };
  await meet(snapshotId);
  const copies = new CopyChecks(world);
  const check = () => copies.checkVault(vault, COPY_NAMES, { sweptAt: null });
  const passHolds = async () => {
    await world.memory.clock.moveDays(1);
    await applyHolds(world.services);
    vault.heldSince = world.memory.clock.now().getTime();
  };
  const checkRestores = () => restores.checkVault(vault, COPY_NAMES);
  return { world, people, vault, meet, check, checkRestores, passHolds };
}

/** @returns key and primary version of a pack of the snapshot. */
export async function aPackOf({ world, vault }: Awaited<ReturnType<typeof checkedVault>>) {
  const [pack] = await Array.fromAsync(world.ledger().list('pack', { vaultId: vault.vaultId }));
  const { packId, versions } = pack?.record ?? { packId: '', versions: { primary: '' } };
  return [packKey(vault.vaultId, packId), versions.primary ?? ''] as const;
}
