import { beforeEach, describe, expect, test } from 'vitest';
import type { Vault } from '../../shared/domain/records.ts';
import { showLastSweep, showSweep } from '../../shared/queries/show-sweep.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { backUpDaily } from '../support/retained-vault.ts';
import { sweepConfirmed } from '../support/swept-vault.ts';

let world: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  world = livingInstallation();
  vault = await registeredVault(world, { policyId: 'consent-only' });
});

const show = (services = world.services) => showSweep(services, vault.vaultId);

describe('what a sweep would do', () => {
  test('names each version, in which copy, and since when it is locked no longer', async () => {
    await backUpDaily(world, vault, 3);
    await world.clock.moveDays(60);
    await backUpDaily(world, vault, 1);
    const { total, versions, isWhole } = await show();
    expect(isWhole).toBe(true);
    expect(versions).toHaveLength(total.versions);
    const now = world.clock.now().toISOString();
    for (const { key, copy, versionId, bytes, reason, unlockedSince } of versions) {
      const state = await world.copies[copy].inspect(key, versionId);
      expect(state).toMatchObject({ size: bytes });
      expect(unlockedSince).toBe(state?.lockedUntil?.toISOString());
      expect(unlockedSince && unlockedSince < now).toBe(true);
      expect(['expired', 'unneeded']).toContain(reason);
    }
    const before = new Set(versions.map(({ copy, versionId }) => `${copy} ${versionId}`));
    expect((await sweepConfirmed(world, vault)).result.removed).toEqual(total);
    for (const copy of ['primary', 'secondary'] as const) {
      for await (const { versionId } of world.copies[copy].list('vaults/')) {
        expect(before).not.toContain(`${copy} ${versionId}`);
      }
    }
  });

  test('is told as far as the time was enough to look', async () => {
    await backUpDaily(world, vault, 3);
    let passed = 0;
    const now = () => {
      passed += 2_000;
      return new Date(world.clock.now().getTime() + passed);
    };
    const answer = await show({ ...world.services, clock: { ...world.services.clock, now } });
    expect(answer).toMatchObject({ isWhole: false, total: { versions: 0 } });
    const { stored } = await show();
    expect(answer.stored.versions).toBeGreaterThan(0);
    expect(answer.stored.versions).toBeLessThan(stored.versions);
  });
});

test('what the last sweep did is told without looking into the copies', async () => {
  const { vaultId } = vault;
  await backUpDaily(world, vault, 1);
  expect(await showLastSweep(world.services, vaultId)).toEqual({ vaultId, last: null });
  const { result } = await sweepConfirmed(world, vault);
  world.copies.primary.available = false;
  expect(await showLastSweep(world.services, vaultId)).toEqual({ vaultId, last: result });
});
