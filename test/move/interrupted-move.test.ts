import { expect, test } from 'vitest';
import { findBrokenLink } from '../../shared/domain/audit-chain.ts';
import { tierOf } from '../../shared/domain/key-tier.ts';
import type { Vault } from '../../shared/domain/records.ts';
import type { Services } from '../../shared/ports/services.ts';
import { livingInstallation, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { begin, branchKeyVault, contentsOf, halfAnHour, passes } from '../support/moved-vault.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

/** People and schedules do it, until it is done; whoever is cut off does it again. */
async function drive(world: MemoryServices, vault: Vault, services: Services): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    const { move } = await vaultNow(world, vault.vaultId);
    if (move?.state === 'DONE') {
      return;
    }
    await (move === undefined ? begin(services, vault) : passes(services));
    await halfAnHour(world);
  }
  throw new Error('the move does not come to its end');
}

/** Between two of them nothing changes, so every state that a kill can leave comes about. */
test('a move that is killed after any of its side effects comes to its end', async () => {
  const whole = livingInstallation();
  const first = await branchKeyVault(whole);
  const contents = await contentsOf(whole, first);
  const counting = stoppingAfter(whole.services, Number.POSITIVE_INFINITY, 'before');
  await drive(whole, first, counting.services);
  const points = counting.effects();
  let passed = 0;
  for (const point of points) {
    const world = livingInstallation();
    const vault = await branchKeyVault(world);
    const stopping = stoppingAfter(world.services, point, 'after');
    const outcome = await drive(world, vault, stopping.services).catch((error) => error);
    expect(outcome).toBe(stopping.failure);
    // In the middle as well, every snapshot can be read from either copy.
    expect(await contentsOf(world, vault)).toEqual(contents);
    await halfAnHour(world);
    await drive(world, vault, world.services);
    expect(await contentsOf(world, vault)).toEqual(contents);
    const now = await vaultNow(world, vault.vaultId);
    expect(tierOf(now.keys)).toBe('dedicated');
    const old = await world.custody.states(vault.keys);
    expect([old.primary.state, old.secondary.state]).toEqual(['Gone', 'Gone']);
    const entries = await Array.fromAsync(
      world.ledger.list('audit', { chainId: vault.vaultId }),
      ({ record }) => record,
    );
    expect(findBrokenLink(entries, now.audit)).toBeUndefined();
    const steps = entries.filter(({ action }) => action.startsWith('move.'));
    expect(steps.map(({ action }) => action)).toEqual([
      'move.begun',
      'move.switched',
      'move.ended',
    ]);
    passed += 1;
  }
  console.info(`a move, killed after a side effect: ${passed} of ${points.length} points`);
  expect(points.length).toBeGreaterThan(30);
}, 60_000);
