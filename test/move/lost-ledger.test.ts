import { describe, expect, test } from 'vitest';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { vaultPrefix } from '../../shared/format/object-keys.ts';
import { moveDueVaults } from '../../shared/move/move-due-vaults.ts';
import type { Services } from '../../shared/ports/services.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { repairCopies } from '../../shared/repair/repair-copies.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { keysOfMessage } from '../../shared/snapshot/keys-of-message.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved, erasureNow } from '../support/erasing.ts';
import { livingInstallation, OPERATOR, vaultNow } from '../support/living-installation.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import {
  begin,
  branchKeyVault,
  contentsOf,
  halfAnHour,
  moved,
  passes,
} from '../support/moved-vault.ts';
import { putBack } from '../support/put-back-ledger.ts';
import { stoppingAfter } from '../support/stopping-services.ts';

const ENDLESS = () => Number.POSITIVE_INFINITY;
const always = () => true;

async function rebuilt(world: MemoryServices): Promise<void> {
  await rebuildLedger(world.services, OPERATOR, { from: 'primary', dryRun: false });
  await repairCopies(world.services);
}

/** What a move needs to come to its end, however far it is. */
async function hours(world: MemoryServices): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await halfAnHour(world);
    await passes(world.services);
  }
}

/** Runs a move until it is over, or is cut off. */
async function drive(world: MemoryServices, vault: Vault, services: Services): Promise<void> {
  await begin(services, vault);
  await passes(services);
  await halfAnHour(world);
  await passes(services);
}

/** @returns keys that any message in the copies names and that are not gone. */
async function usableKeys({ copies, custody }: MemoryServices, vault: Vault): Promise<string[]> {
  const usable = new Set<string>();
  for (const copy of COPY_NAMES) {
    for await (const { key, versionId } of copies[copy].list(vaultPrefix(vault.vaultId))) {
      const names = await keysOfMessage(copies[copy], key, versionId);
      const keys = custody.keysNamed(vault.vaultId, names);
      const { primary, secondary } = (keys && (await custody.states(keys))) ?? {};
      if (keys && (primary?.state !== 'Gone' || secondary?.state !== 'Gone')) {
        usable.add(keys.primary).add(keys.secondary);
      }
    }
  }
  return [...usable];
}

async function erasedAndCertified(world: MemoryServices, vault: Vault): Promise<void> {
  const { services, clock } = world;
  const erasure = await approved(world, vault);
  for (let day = 0; day < 14; day += 1) {
    await clock.moveDays(1);
    await advanceDueErasures(services);
    await confirmDueErasures(services);
    await certifyDueErasures(services, TOOL_VERSION);
  }
  expect((await erasureNow(world, erasure)).certificateId).not.toBeNull();
}

test('a ledger lost at any point of a move is rebuilt, and erases all that opens it', async () => {
  const whole = livingInstallation();
  const first = await branchKeyVault(whole);
  const contents = await contentsOf(whole, first);
  const counting = stoppingAfter(whole.services, Number.POSITIVE_INFINITY, 'before');
  await drive(whole, first, counting.services);
  const points = counting.effects();
  for (const point of points) {
    const world = livingInstallation();
    const vault = await branchKeyVault(world);
    const stopping = stoppingAfter(world.services, point, 'after');
    await drive(world, vault, stopping.services).catch(() => undefined);
    const lost = putBack(world, new MemoryLedger());
    await rebuilt(lost);
    expect(await contentsOf(lost, vault), `after ${point}`).toEqual(contents);
    await hours(lost);
    expect(await contentsOf(lost, vault), `after ${point}`).toEqual(contents);
    await erasedAndCertified(lost, vault);
    expect(await usableKeys(lost, vault), `after ${point}`).toEqual([]);
  }
  expect(points.length).toBeGreaterThan(30);
}, 180_000);

describe('a ledger that was put back', () => {
  test.each([
    ['to before the move', false],
    ['into the middle of it', true],
  ])('%s learns of it by a rebuild', async (_case, inTheMiddle) => {
    const world = livingInstallation();
    const vault = await branchKeyVault(world);
    const contents = await contentsOf(world, vault);
    let before = world.ledger.copy();
    if (inTheMiddle) {
      await begin(world.services, vault);
      before = world.ledger.copy();
      await drive(world, vault, world.services).catch(() => passes(world.services));
      await hours(world);
    } else {
      await moved(world, vault);
    }
    const { keys } = await vaultNow(world, vault.vaultId);
    const back = putBack(world, before);
    if (inTheMiddle) {
      await expect(moveDueVaults(back.services, ENDLESS)).rejects.toMatchObject({
        code: 'KEYS_UNUSABLE',
      });
      await halfAnHour(world);
    }
    if (!inTheMiddle) {
      // What only the new keys open is in nobody's way, and is not removed.
      expect((await sweepCopies(back.services, always)).stopped).toBe(1);
    }
    const dry = await rebuildLedger(back.services, OPERATOR, { from: 'secondary', dryRun: true });
    expect(dry.vaults).toMatchObject([{ outcome: 'completed', snapshots: 2 }]);
    await rebuilt(back);
    expect(await contentsOf(back, vault)).toEqual(contents);
    await hours(back);
    expect(await vaultNow(back, vault.vaultId)).toMatchObject({
      keys,
      state: 'ACTIVE',
      move: { state: 'DONE', from: vault.keys, to: keys },
    });
    const again = await rebuildLedger(back.services, OPERATOR, { from: 'primary', dryRun: false });
    expect(again.vaults).toMatchObject([{ outcome: 'unchanged', snapshots: 0 }]);
    await backUp(back, vault);
    for (let week = 0; week < 30; week += 1) {
      await world.clock.moveDays(6);
      await renewLocks(back.services, always);
      await sweepCopies(back.services, always);
    }
    const [last] = [...(await contentsOf(back, vault)).values()].slice(-1);
    expect(last).toMatchObject({ 'changes.txt': 'after' });
    await erasedAndCertified(back, vault);
    expect(await usableKeys(back, vault)).toEqual([]);
  });
});
