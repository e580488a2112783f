import { expect, test } from 'vitest';
import type { Pack } from '../../shared/domain/records.ts';
import { packKey } from '../../shared/format/object-keys.ts';
import { addSnapshot, missingObjects } from '../../shared/rebuild/add-snapshot.ts';
import { findSeals, readFoundSeal } from '../../shared/rebuild/find-seals.ts';
import { backUp, packsOf, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';

test('a snapshot of very many packs is added in several goes', async () => {
  const world = livingInstallation();
  const { services, ledger, copies } = world;
  const vault = await registeredVault(world, { policyId: 'engagement-10y' });
  const { vaultId } = vault;
  sourceOf(world, vault).put('a.txt', 'first');
  const { snapshotId } = await backUp(world, vault);
  const [found] = await Array.fromAsync(findSeals(copies.primary, vaultId));
  const read = found && (await readFoundSeal(copies.primary, vaultId, found));
  const [pack] = read?.seal.packs ?? [];
  if (read === undefined || pack === undefined) throw new Error('no seal');
  ledger.lose('snapshot', vaultId, snapshotId);
  const more = Array.from({ length: 249 }, () => ({ ...pack, packId: services.ids.next() }));
  const large = { ...read, seal: { ...read.seal, packs: [pack, ...more] } };

  const known = async () => new Set((await packsOf(world, vault)).map(({ key }) => key));
  const goOn = async (hasTime: () => boolean) => {
    const keys = await known();
    const ids = large.seal.packs.filter(({ packId }) => keys.has(packKey(vaultId, packId)));
    const names = new Set(ids.map(({ packId }) => packId));
    const missing = await missingObjects(services, large, names);
    return addSnapshot(services, OPERATOR, large, { missing: missing as Pack[], hasTime });
  };
  expect(await goOn(() => false)).toEqual({ objects: 100, isWhole: false });
  expect(await ledger.get('snapshot', vaultId, snapshotId)).toBeUndefined();
  expect(await goOn(() => false)).toEqual({ objects: 100, isWhole: false });
  expect(await goOn(() => false)).toEqual({ objects: 49, isWhole: true });
  expect(await ledger.get('snapshot', vaultId, snapshotId)).toBeDefined();
  expect((await known()).size).toBe(250);
});
