import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { daysAfter } from '../../shared/domain/lock.ts';
import type { KeyDestruction } from '../../shared/ports/key-custody.ts';
import type { KeysUnderTest } from './key-custody.contract.ts';

/** The embedded clock runs on between two calls. */
const TOLERANCE_MS = 60_000;

/** @param open - called once; `now` is the key service's clock. */
export function describeKeyDestructionContract(
  name: string,
  open: () => Promise<KeysUnderTest & { now: () => Date }>,
): void {
  describe(`key destruction contract: ${name}`, () => {
    let world: KeysUnderTest & { now: () => Date };
    let destruction: KeyDestruction;
    let keyArn: string;

    const state = async (): Promise<string> => (await destruction.state(keyArn)).state;
    const erase = async (): Promise<void> => {
      await destruction.scheduleDeletion(keyArn, 7);
      await world.moveDays(8);
      await destruction.destroyDue(keyArn);
    };

    beforeAll(async () => {
      world = await open();
      destruction = world.destruction;
    });
    beforeEach(async () => {
      const { keys } = await world.custody.create('01K9ZZZZZZ0000000000000003', world.tier);
      keyArn = keys.secondary;
    });

    test('a new key is enabled', async () => {
      expect(await destruction.state(keyArn)).toEqual({ state: 'Enabled', deletionDate: null });
    });

    test('disabling is reversible, and repeating either step is harmless', async () => {
      await destruction.disable(keyArn);
      await destruction.disable(keyArn);
      expect(await state()).toBe('Disabled');
      await destruction.enable(keyArn);
      await destruction.enable(keyArn);
      expect(await state()).toBe('Enabled');
    });

    test.each([7, 30])('a waiting period of %i days ends when it says', async (days) => {
      await destruction.disable(keyArn);
      const date = await destruction.scheduleDeletion(keyArn, days);
      const expected = daysAfter(world.now(), days).getTime();
      expect(Math.abs(date.getTime() - expected)).toBeLessThan(TOLERANCE_MS);
      expect(await destruction.state(keyArn)).toEqual({
        state: 'PendingDeletion',
        deletionDate: date,
      });
      await world.moveDays(days - 1);
      expect(await destruction.destroyDue(keyArn)).toBe(false);
      expect(await state()).toBe('PendingDeletion');
      await world.moveDays(2);
      expect(await destruction.destroyDue(keyArn)).toBe(world.tier === 'shared-root');
      expect(await destruction.state(keyArn)).toEqual({ state: 'Gone', deletionDate: null });
    });

    test('what waits for no deletion is never due', async () => {
      await destruction.disable(keyArn);
      await world.moveDays(40);
      expect(await destruction.destroyDue(keyArn)).toBe(false);
      expect(await state()).toBe('Disabled');
      await destruction.scheduleDeletion(keyArn, 7);
      await destruction.cancelDeletion(keyArn);
      await world.moveDays(8);
      expect(await destruction.destroyDue(keyArn)).toBe(false);
      expect(await state()).toBe('Disabled');
    });

    test('scheduling again keeps the date', async () => {
      const date = await destruction.scheduleDeletion(keyArn, 7);
      await world.moveDays(3);
      expect(await destruction.scheduleDeletion(keyArn, 30)).toEqual(date);
    });

    test('a cancelled key is disabled and can be enabled', async () => {
      await destruction.scheduleDeletion(keyArn, 7);
      await destruction.cancelDeletion(keyArn);
      expect(await destruction.state(keyArn)).toEqual({ state: 'Disabled', deletionDate: null });
      await world.moveDays(30);
      await destruction.enable(keyArn);
      expect(await state()).toBe('Enabled');
    });

    test('cancelling a key that does not wait leaves it alone', async () => {
      await destruction.cancelDeletion(keyArn);
      expect(await state()).toBe('Enabled');
      await destruction.disable(keyArn);
      await destruction.cancelDeletion(keyArn);
      expect(await state()).toBe('Disabled');
    });

    test('a key that waits stays so when it is to be disabled, and is not enabled', async () => {
      await destruction.scheduleDeletion(keyArn, 7);
      await destruction.disable(keyArn);
      expect(await state()).toBe('PendingDeletion');
      const code = 'KEYS_UNUSABLE';
      await expect(destruction.enable(keyArn)).rejects.toMatchObject({ code });
      expect(await state()).toBe('PendingDeletion');
    });

    test('nothing brings a destroyed key back', async () => {
      await erase();
      const code = 'KEYS_UNUSABLE';
      await expect(destruction.enable(keyArn)).rejects.toMatchObject({ code });
      await expect(destruction.disable(keyArn)).rejects.toMatchObject({ code });
      await expect(destruction.cancelDeletion(keyArn)).rejects.toMatchObject({ code });
      await expect(destruction.scheduleDeletion(keyArn, 7)).rejects.toMatchObject({ code });
      expect(await state()).toBe('Gone');
      expect(await destruction.destroyDue(keyArn)).toBe(world.tier === 'shared-root');
    });
  });
}
