import { expect, test } from 'vitest';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { aPackOf, checkedVault } from './checked-vault.ts';

test.each(COPY_NAMES)('every kind of object that is lost in the %s copy is found', async (copy) => {
  const { world, vault, checkRestores } = await checkedVault();
  await checkRestores();
  const lost = world.memory.copies[copy];
  for (const { key } of vault.births.flatMap(({ objects }) => objects)) {
    const [listed] = await Array.fromAsync(lost.list(key));
    const { versionId } = listed ?? { versionId: '' };
    const bytes = await Array.fromAsync(await lost.read(key, versionId));
    lost.damage(key, versionId, Buffer.from('other'));
    await expect(checkRestores()).rejects.toThrow(`${key} in ${copy} is not what was restored`);
    lost.damage(key, versionId, Buffer.concat(bytes as Buffer[]));
    await checkRestores();
  }
  const [first] = vault.births.flatMap(({ objects }) => objects);
  const [listed] = await Array.fromAsync(lost.list(first?.key ?? ''));
  lost.lose(first?.key ?? '', listed?.versionId ?? '');
  await expect(checkRestores()).rejects.toThrow('is not what was restored');
});

test('a snapshot that the ledger has no more is found, and one that nobody knows', async () => {
  const { world, vault, checkRestores } = await checkedVault();
  const known = vault.births;
  vault.births = [{ ...known[0], snapshot: { ...known[0]?.snapshot, snapshotId: 'x' } } as never];
  await expect(checkRestores()).rejects.toThrow('nobody knows of snapshot');
  vault.births = known;
  world.ledger().lose('snapshot', vault.vaultId, known[0]?.snapshot.snapshotId ?? '');
  await expect(checkRestores()).rejects.toThrow('is not in the ledger');
});

test('a later version under the name of a pack changes nothing', async () => {
  const checked = await checkedVault();
  const [key] = await aPackOf(checked);
  checked.world.memory.copies.primary.overwrite(key, Buffer.from('other'));
  await checked.checkRestores();
});
