import { describe, expect, test } from 'vitest';
import { METRICS } from '../../shared/config/metric-names.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import { applyVaultHolds } from '../../shared/holds/apply-vault-holds.ts';
import { placeClientHold, placeHold } from '../../shared/holds/place-hold.ts';
import { snapshotObjects } from '../../shared/snapshot/written-parts.ts';
import { backUp, packsOf, sourceOf } from '../support/backed-up-vault.ts';
import {
  heldCounts,
  heldIn,
  holdingInstallation,
  LAWSUIT,
  release,
} from '../support/holding-world.ts';
import { interrupted, writes } from '../support/interrupted-services.ts';
import { OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

/** A vault with two snapshots; each has a pack of its own, and the second needs both. */
async function setup() {
  const world = holdingInstallation();
  const vault = await registeredVault(world);
  const source = sourceOf(world, vault);
  source.put('a.txt', 'first');
  const first = await backUp(world, vault);
  source.put('b.txt', 'second');
  const second = await backUp(world, vault);
  const place = (body = {}) =>
    placeHold(world.services, OPERATOR, vault.vaultId, { ...LAWSUIT, ...body });
  return { world, vault, source, first, second, place };
}

/** @returns the gauge as it was reported last. */
function behindNow({ telemetry }: MemoryServices): number | undefined {
  const { legalHoldsBehind } = METRICS;
  return telemetry.measures.findLast(({ metric }) => metric === legalHoldsBehind)?.value;
}

/** Counts the requests that switch a legal hold. */
function countSwitches(world: MemoryServices): () => number {
  let count = 0;
  for (const copy of Object.values(world.copies)) {
    const { setLegalHold } = copy;
    copy.setLegalHold = async (...args) => {
      count += 1;
      return setLegalHold.apply(copy, args);
    };
  }
  return () => count;
}

describe("S3's legal hold", () => {
  test('is on every pack, manifest and seal of a held vault, in both copies', async () => {
    const { world, vault, first, second, place } = await setup();
    expect(await heldCounts(world, vault)).toEqual([0, 0]);
    const hold = await place();
    const packs = await packsOf(world, vault);
    const own = [first, second].map((snapshot) => snapshotObjects(world.services, snapshot));
    const objects = [...packs, ...(await Promise.all(own)).flat()];
    const expected = objects.map(({ key }) => key.replace(`vaults/${vault.vaultId}/`, '')).sort();
    expect(await heldIn(world, 'primary', vault)).toEqual(expected);
    expect(await heldIn(world, 'secondary', vault)).toEqual(expected);
    const stored = await world.ledger.get('hold', vault.vaultId, hold.holdId);
    expect(stored?.record.appliedAt).toBe(world.clock.now().toISOString());
  });

  test('keeps an object whose lock has ended', async () => {
    const { world, vault, first, place } = await setup();
    await place();
    await world.clock.moveDays(400);
    const { key, versions } = first.seal;
    const removal = world.copies.primary.remove(key, versions.primary ?? '');
    await expect(removal).rejects.toMatchObject({ code: 'OBJECT_LOCKED' });
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
  });

  test('is on what a held snapshot needs, and on nothing else', async () => {
    const { world, vault, first, place } = await setup();
    await place({ snapshotId: first.snapshotId });
    const [firstPack] = (await packsOf(world, vault)).map(({ key }) => key).sort();
    const held = await heldIn(world, 'primary', vault);
    expect(held).toHaveLength(3);
    expect(`vaults/${vault.vaultId}/${held[0]}`).toBe(firstPack);
    expect(held.slice(1).every((key) => key.includes(first.snapshotId))).toBe(true);
  });

  test('covers new objects of a held vault with the next pass', async () => {
    const { world, vault, source, place } = await setup();
    await place();
    source.put('c.txt', 'third');
    await backUp(world, vault);
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
    expect(await applyHolds(world.services)).toEqual({ vaults: 1, waiting: 0 });
    expect(await heldCounts(world, vault)).toEqual([9, 9]);
  });

  test('is lifted when the hold is released, from what no other hold needs', async () => {
    const { world, vault, second, place } = await setup();
    const whole = await place();
    const single = await place({ snapshotId: second.snapshotId });
    await release(world, whole);
    // Two packs, a manifest and a seal.
    expect(await heldCounts(world, vault)).toEqual([4, 4]);
    await release(world, single);
    expect(await heldCounts(world, vault)).toEqual([0, 0]);
    const stored = await world.ledger.get('hold', vault.vaultId, single.holdId);
    expect(stored?.record.liftedAt).not.toBeNull();
    expect(await Array.fromAsync(world.ledger.due('hold', world.clock.now()))).toEqual([]);
  });

  test('costs one request per object and copy, however often the pass runs', async () => {
    const { world, place } = await setup();
    const switches = countSwitches(world);
    await place();
    expect(switches()).toBe(12);
    await applyHolds(world.services);
    await applyHolds(world.services);
    expect(switches()).toBe(12);
  });

  test('of a client is on the objects of all its vaults', async () => {
    const { world, vault } = await setup();
    await placeClientHold(world.services, OPERATOR, vault.clientId, LAWSUIT);
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
  });
});

describe('a pass over holds', () => {
  test('does its part in one copy while the other is down, and the rest afterwards', async () => {
    const { world, vault, place } = await setup();
    world.copies.secondary.available = false;
    const hold = await place();
    expect(await applyHolds(world.services)).toEqual({ vaults: 0, waiting: 1 });
    expect(behindNow(world)).toBe(1);
    world.copies.secondary.available = true;
    expect(await heldCounts(world, vault)).toEqual([6, 0]);
    await applyHolds(world.services);
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
    expect(behindNow(world)).toBe(0);
    const stored = await world.ledger.get('hold', vault.vaultId, hold.holdId);
    expect(stored?.record.appliedAt).not.toBeNull();
  });

  test('that has no time left stops, and the next one goes on', async () => {
    const { world, vault, source } = await setup();
    for (let number = 0; number < 12; number += 1) {
      source.put(`${number}.txt`, String(number));
      await backUp(world, vault);
    }
    world.pipeline.wire({ holds: async () => undefined });
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    let calls = 0;
    const once = () => {
      calls += 1;
      return calls === 1 ? 900_000 : 0;
    };
    expect(await applyVaultHolds(world.services, vault.vaultId, once)).toBe(false);
    expect(await heldCounts(world, vault)).toEqual([25, 25]);
    const endless = () => Number.POSITIVE_INFINITY;
    expect(await applyVaultHolds(world.services, vault.vaultId, endless)).toBe(true);
    expect(await heldCounts(world, vault)).toEqual([42, 42]);
  });

  test('that was cut off before S3 answered knows of all that it may have held', async () => {
    const { world, vault, place } = await setup();
    const { write } = world.ledger;
    let writes = 0;
    world.ledger.write = async (changes) => {
      const isLegal = changes.some(({ record }) => record.kind === 'legal-hold');
      writes += isLegal ? 1 : 0;
      // The second write is the one after S3 has answered.
      if (isLegal && writes === 2) {
        throw new Error('cut off');
      }
      return write.call(world.ledger, changes);
    };
    const hold = await place();
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
    await release(world, hold);
    expect(await heldCounts(world, vault)).toEqual([0, 0]);
  });

  test('that is overtaken by a release leaves nothing held', async () => {
    const { world, vault, place } = await setup();
    world.pipeline.wire({ holds: async () => undefined });
    const hold = await place();
    const endless = () => Number.POSITIVE_INFINITY;
    const { primary } = world.copies;
    const { setLegalHold } = primary;
    let overtaken = false;
    primary.setLegalHold = async (...args) => {
      if (!overtaken) {
        overtaken = true;
        await release(world, hold);
        await applyVaultHolds(world.services, vault.vaultId, endless);
      }
      return setLegalHold.apply(primary, args);
    };
    expect(await applyVaultHolds(world.services, vault.vaultId, endless)).toBe(true);
    expect(await heldCounts(world, vault)).toEqual([0, 0]);
  });

  test('that has read a hold before its release leaves nothing held', async () => {
    const { world, vault, place } = await setup();
    world.pipeline.wire({ holds: async () => undefined });
    const hold = await place();
    const endless = () => Number.POSITIVE_INFINITY;
    const services = interrupted(world, writes('legal-hold'), 'before', async () => {
      await release(world, hold);
      await applyVaultHolds(world.services, vault.vaultId, endless);
    });
    await applyVaultHolds(services, vault.vaultId, endless);
    expect(await heldCounts(world, vault)).toEqual([0, 0]);
    const stored = await world.ledger.get('hold', vault.vaultId, hold.holdId);
    expect(stored?.record.appliedAt).toBeNull();
  });

  test('that lifts a hold while another one is placed leaves everything held', async () => {
    const { world, vault, place } = await setup();
    world.pipeline.wire({ holds: async () => undefined });
    const endless = () => Number.POSITIVE_INFINITY;
    const pass = () => applyVaultHolds(world.services, vault.vaultId, endless);
    const hold = await place();
    await pass();
    await release(world, hold);
    const { primary } = world.copies;
    const { setLegalHold } = primary;
    let overtaken = false;
    primary.setLegalHold = async (...args) => {
      if (!overtaken) {
        overtaken = true;
        await place();
        await pass();
      }
      return setLegalHold.apply(primary, args);
    };
    await pass();
    expect(await heldCounts(world, vault)).toEqual([6, 6]);
    expect(await applyHolds(world.services)).toEqual({ vaults: 1, waiting: 0 });
  });

  test('is told by the ledger to be unsure of what it is just lifting', async () => {
    const { world, vault, place } = await setup();
    const hold = await place();
    const confirmed = async () => {
      const records = await Array.fromAsync(
        world.ledger.list('legal-hold', { vaultId: vault.vaultId }),
      );
      return records.every(({ record }) => record.confirmed);
    };
    const { primary } = world.copies;
    const { setLegalHold } = primary;
    const seen: boolean[] = [];
    primary.setLegalHold = async (...args) => {
      seen.push(await confirmed());
      return setLegalHold.apply(primary, args);
    };
    await release(world, hold);
    expect(seen).toEqual([false, false, false, false, false, false]);
    expect(await confirmed()).toBe(true);
  });
});
