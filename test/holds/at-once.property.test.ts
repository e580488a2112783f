import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFault } from '../../shared/domain/errors.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import { applyVaultHolds } from '../../shared/holds/apply-vault-holds.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import type { Services } from '../../shared/ports/services.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { heldCounts, LAWSUIT, release } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';

const ENDLESS = () => Number.POSITIVE_INFINITY;

/** Lets a scheduler decide, before each call of ledger and copies, who may go on. */
function interleaved(scheduler: fc.Scheduler, services: Services): Services {
  const gated = <Port extends object>(port: Port, methods: readonly string[]): Port =>
    new Proxy(port, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') {
          return member;
        }
        if (!methods.includes(String(property))) {
          return member.bind(target);
        }
        return async (...args: unknown[]) => {
          await scheduler.schedule(Promise.resolve(), String(property));
          return Reflect.apply(member, target, args);
        };
      },
    });
  const { primary, secondary } = services.copies;
  const switched = ['setLegalHold'];
  return {
    ...services,
    ledger: gated(services.ledger, ['get', 'write']),
    copies: { primary: gated(primary, switched), secondary: gated(secondary, switched) },
  };
}

test('holds, releases and passes at once end in what the ledger asks for', async () => {
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom('confirmed', 'unconfirmed', 'not applied'),
      fc.array(fc.constantFrom('place', 'release', 'pass'), { minLength: 3, maxLength: 6 }),
      async (scheduler, start, acts) => {
        const world = livingInstallation();
        const vault = await registeredVault(world, { policyId: 'consent-only' });
        const { vaultId } = vault;
        sourceOf(world, vault).put('a.txt', 'one');
        await backUp(world, vault);
        world.pipeline.wire({ holds: async () => undefined });
        const held = [await placeHold(world.services, OPERATOR, vaultId, LAWSUIT)];
        if (start !== 'not applied') {
          world.copies.secondary.available = start === 'confirmed';
          await applyVaultHolds(world.services, vaultId, ENDLESS).catch(() => undefined);
          world.copies.secondary.available = true;
        }

        const services = interleaved(scheduler, world.services);
        const pass = () => applyVaultHolds(services, vaultId, ENDLESS);
        const act = async (name: string): Promise<unknown> => {
          const hold = name === 'release' ? held.pop() : undefined;
          if (hold !== undefined) {
            await release({ services }, hold);
          } else if (name === 'place') {
            held.push(await placeHold(services, OPERATOR, vaultId, LAWSUIT));
          }
          // As whoever places or releases a hold sees to it.
          return pass();
        };
        // A conflict is tried again by whoever met it; the hourly pass comes in any case.
        const tolerated = acts.map((name) =>
          act(name).catch((error: unknown) => {
            if (!isFault(error, 'LEDGER_CONFLICT')) {
              throw error;
            }
          }),
        );
        await scheduler.waitFor(Promise.all(tolerated));
        await applyHolds(world.services);

        const { holds } = await vaultNow(world, vaultId);
        const count = holds > 0 ? 3 : 0;
        expect(await heldCounts(world, vault)).toEqual([count, count]);
        const records = await Array.fromAsync(world.ledger.list('legal-hold', { vaultId }));
        expect(records.every(({ record }) => record.confirmed)).toBe(true);
        const key = holds > 0 ? 'held' : 'free';
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
      },
    ),
    { numRuns: 200 },
  );
  expect([...outcomes.keys()].sort()).toEqual(['free', 'held']);
}, 60_000);
