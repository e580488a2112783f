import { expect, test } from 'vitest';
import { checkHolds } from './check-ends.ts';
import { aPackOf, checkedVault } from './checked-vault.ts';

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

test('a legal hold that outlives its release is found, and one that is off', async () => {
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
