import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import { certificateKey, tombstoneKey } from '../../shared/format/object-keys.ts';
import { renewProofs } from '../../shared/proof/renew-proofs.ts';
import { proofLockDays } from '../../shared/proof/write-proof.ts';
import { livingInstallation } from '../support/living-installation.ts';
import { type MemoryServices, TEST_INSTALLATION } from '../support/memory-services.ts';
import { counting } from '../support/retained-vault.ts';
import { sampleClient, sampleVault } from '../support/sample-records.ts';

const DAY_MS = 86_400_000;
const ERASED = 40;
const always = () => true;

let world: MemoryServices;
let keys: string[];

/** Erased vaults, each with a tombstone and a certificate. */
beforeEach(async () => {
  world = livingInstallation();
  keys = [];
  const bytes = Buffer.from('proof');
  const write = {
    lockedUntil: daysAfter(world.clock.now(), proofLockDays(TEST_INSTALLATION)),
    contentType: 'application/json',
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  for (let index = 0; index < ERASED; index += 1) {
    const [clientId, vaultId] = [world.ids.next(), world.ids.next()];
    await world.ledger.write([
      { record: sampleClient(clientId), expect: 'absent' },
      { record: sampleVault(vaultId, { clientId, state: 'ERASED' }), expect: 'absent' },
    ]);
    for (const key of [tombstoneKey(vaultId), certificateKey(world.ids.next())]) {
      keys.push(key);
      for (const copy of COPY_NAMES) {
        await world.copies[copy].put(key, bytes, write);
      }
    }
  }
});

/** @returns the shortest lock in days, of all proofs in both copies. */
async function shortestLock(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (const copy of COPY_NAMES) {
    for (const key of keys) {
      const [listed] = await Array.fromAsync(world.copies[copy].list(key));
      const state = await world.copies[copy].inspect(key, listed?.versionId ?? '');
      const end = state?.lockedUntil?.getTime() ?? 0;
      least = Math.min(least, (end - world.clock.now().getTime()) / DAY_MS);
    }
  }
  return least;
}

describe('the renewal of proofs', () => {
  test('looks at each proof a few times a month, and lets no lock come near its end', async () => {
    const { services, calls } = counting(world.services);
    for (let day = 0; day < 120; day += 1) {
      await world.clock.moveDays(1);
      await renewProofs(services, always);
    }
    expect(await shortestLock()).toBeGreaterThan(TEST_INSTALLATION.maxLockDays - 45);
    const looks = calls.filter(({ method }) => method === 'inspect').length;
    const each = 2 * keys.length;
    expect(looks).toBe(12 * each);
    expect(calls.filter(({ method }) => method === 'extendLock')).toHaveLength(3 * each);
  });

  test('in one copy is not kept back by the other one, nor by one proof', async () => {
    world.copies.primary.available = false;
    await world.clock.moveDays(60);
    let failed = 0;
    for (let day = 0; day < 10; day += 1) {
      await renewProofs(world.services, always).catch((error) => {
        expect(error).toMatchObject({ code: 'COPY_UNAVAILABLE' });
        failed += 1;
      });
      await world.clock.moveDays(1);
    }
    expect(failed).toBe(10);
    world.copies.primary.available = true;
    const [key = ''] = keys;
    for (const copy of COPY_NAMES) {
      const [listed] = await Array.fromAsync(world.copies[copy].list(key));
      const state = await world.copies[copy].inspect(key, listed?.versionId ?? '');
      const left = ((state?.lockedUntil?.getTime() ?? 0) - world.clock.now().getTime()) / DAY_MS;
      expect(left > 380).toBe(copy === 'secondary');
    }
  });

  test('goes on in another invocation when its time is over', async () => {
    await world.clock.moveDays(60);
    let invocations = 0;
    for (let day = 0; day < 10; day += 1) {
      let after: string | undefined;
      do {
        const time = { left: 15 };
        const { isHandedOver } = await renewProofs(world.services, () => time.left-- > 0, after);
        invocations += 1;
        after = isHandedOver ? world.pipeline.passes.at(-1)?.after : undefined;
      } while (after !== undefined);
      await world.clock.moveDays(1);
    }
    expect(invocations).toBeGreaterThan(20);
    expect(await shortestLock()).toBeGreaterThan(380);
  });
});
