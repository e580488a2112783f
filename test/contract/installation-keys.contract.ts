import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { COPY_NAMES, type PerCopy } from '../../shared/domain/copy-name.ts';
import type { InstallationKeys } from '../../shared/ports/installation-keys.ts';
import type { KeyDestruction } from '../../shared/ports/key-custody.ts';
import type { OwnKeys } from '../support/memory-installation-keys.ts';

export interface InstallationKeysUnderTest {
  readonly keys: InstallationKeys;
  readonly own: OwnKeys;
  /** Keys of the account that are none of the installation's. */
  readonly others: PerCopy<string>;
  readonly destruction: KeyDestruction;
  readonly moveDays: (days: number) => Promise<void>;
}

/** @param open - called once. */
export function describeInstallationKeysContract(
  name: string,
  open: () => Promise<InstallationKeysUnderTest>,
): void {
  describe(`installation keys contract: ${name}`, () => {
    let world: InstallationKeysUnderTest;
    let roots: string[];

    beforeAll(async () => {
      world = await open();
    });
    beforeEach(() => {
      roots = COPY_NAMES.map((copy) => world.own.root[copy]);
    });

    const found = (keys: readonly string[]) => Promise.all(keys.map((key) => world.keys.find(key)));

    test('the root keys and the signing key are told from all others', async () => {
      const { own, others } = world;
      const asked = [...roots, own.signing, others.primary, others.secondary];
      const root = { purpose: 'root', isNamed: true };
      const signing = { purpose: 'signing', isNamed: true };
      expect(await found(asked)).toEqual([root, root, signing, null, null]);
    });

    test('one that is disabled or waits for its deletion is given back, once', async () => {
      const [primary = '', secondary = ''] = roots;
      await world.destruction.disable(primary);
      await world.destruction.scheduleDeletion(secondary, 7);
      for (const key of roots) {
        expect(await world.keys.restore(key)).toBe(true);
        expect(await world.keys.restore(key)).toBe(false);
        expect(await world.destruction.state(key)).toEqual({
          state: 'Enabled',
          deletionDate: null,
        });
      }
    });

    test('where one is gone, every key may have been it, and there is nothing to do', async () => {
      const { own, others } = world;
      await world.destruction.scheduleDeletion(own.root.secondary, 7);
      await world.moveDays(8);
      const perhaps = { purpose: 'root', isNamed: false };
      expect(await found([own.root.secondary, others.secondary])).toEqual([perhaps, perhaps]);
      expect(await found([own.root.primary, own.signing, others.primary])).toEqual([
        { purpose: 'root', isNamed: true },
        { purpose: 'signing', isNamed: true },
        null,
      ]);
      expect(await world.keys.restore(own.root.secondary)).toBe(false);
    });
  });
}
