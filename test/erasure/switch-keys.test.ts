import { describe, expect, test } from 'vitest';
import {
  COPY_NAMES,
  type CopyName,
  inBothCopies,
  otherCopy,
} from '../../shared/domain/copy-name.ts';
import type { KeyTarget } from '../../shared/domain/key-target.ts';
import { switchKeys } from '../../shared/erasure/switch-keys.ts';
import type { KeyDestruction } from '../../shared/ports/key-custody.ts';
import { approved, keyStates } from '../support/erasing.ts';
import { withFaults } from '../support/faulty-service.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import { memoryServices } from '../support/memory-services.ts';

describe('work in both copies', () => {
  test.each(COPY_NAMES)(
    'goes on to its end when it fails at once in the %s one',
    async (failing) => {
      const ends: CopyName[] = [];
      let goOn = () => {};
      const slow = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const both = inBothCopies(async (copy) => {
        if (copy === failing) {
          throw new Error(copy);
        }
        await slow;
        ends.push(copy);
      });
      let isOver = false;
      const settled = both.catch((error: Error) => {
        isOver = true;
        return error.message;
      });
      await Promise.resolve();
      expect(isOver).toBe(false);
      goOn();
      expect(await settled).toBe(failing);
      expect(ends).toEqual([otherCopy(failing)]);
    },
  );

  test('that fails in both is told by the failure of the primary one', async () => {
    const both = inBothCopies(async (copy) => Promise.reject(new Error(copy)));
    await expect(both).rejects.toThrow('primary');
  });
});

test('a Region that fails does not keep the other one from being called off', async () => {
  const living = livingInstallation();
  const vault = await registeredVault(living, { policyId: 'consent-only' });
  await approved(living, vault);
  const { custody } = living;
  const { port, requireAllFired } = withFaults<KeyDestruction>(custody, [
    { method: 'cancelDeletion', when: 'before', error: new Error('the Region is down') },
  ]);
  const switched = switchKeys(port, vault, 'Disabled', 7);
  await expect(switched).rejects.toThrow('the Region is down');
  requireAllFired();
  expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'Disabled']);
});

test.each<KeyTarget>(['Disabled', 'Enabled', 'PendingDeletion'])(
  'a key that is destroyed while it is looked at is gone, and nothing fails: %s',
  async (target) => {
    const world = memoryServices();
    const vault = await registeredVault(world, { policyId: 'consent-only' });
    const { custody, clock } = world;
    await custody.scheduleDeletion(vault.keys.primary, 7);
    const destruction = new Proxy<KeyDestruction>(custody, {
      get: (key, name) => {
        const member: unknown = Reflect.get(key, name);
        return async (...args: unknown[]) => {
          const answer = await Reflect.apply(member as () => unknown, key, args);
          if (name === 'state' && clock.now() < new Date('2026-11-09T08:00:00Z')) {
            await clock.moveDays(7);
          }
          return answer;
        };
      },
    });
    const { primary } = await switchKeys(destruction, vault, target, 7);
    expect(primary.state).toBe('Gone');
  },
);
