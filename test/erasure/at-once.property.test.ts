import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import { findBrokenLink } from '../../shared/domain/audit-chain.ts';
import { isFault } from '../../shared/domain/errors.ts';
import { keyTarget } from '../../shared/domain/key-target.ts';
import { advanceDueErasures, advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import type { Services } from '../../shared/ports/services.ts';
import { restoredFrom, sourceOf } from '../support/backed-up-vault.ts';
import { approve, erasureNow, keyStates, requested } from '../support/erasing.ts';
import { LAWSUIT, release } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

/** Lets a scheduler decide, before each call of ledger and keys, who may go on. */
function interleaved(scheduler: fc.Scheduler, services: Services): Services {
  const gated = <Port extends object>(port: Port, name: string): Port =>
    new Proxy(port, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function' || property === 'list' || property === 'due') {
          return typeof member === 'function' ? member.bind(target) : member;
        }
        return async (...args: unknown[]) => {
          await scheduler.schedule(Promise.resolve(), `${name}.${String(property)}`);
          return Reflect.apply(member, target, args);
        };
      },
    });
  const ledger = gated(services.ledger, 'ledger');
  const destruction = gated(services.destruction, 'keys');
  const pipeline = { ...services.pipeline };
  const all: Services = { ...services, ledger, destruction, pipeline };
  pipeline.advanceErasure = (vaultId) => advanceErasure(all, vaultId);
  pipeline.applyHolds = async () => undefined;
  return all;
}

type Act = (world: Pick<MemoryServices, 'services'>) => Promise<unknown>;

/** Whoever loses is refused by name, or told to try again; nothing else may happen. */
async function tolerated(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'done',
    (error: unknown) => {
      if (!isFault(error)) {
        throw error;
      }
      return error.code;
    },
  );
}

test('approval, cancellation, hold, release and backup at once end in one outcome', async () => {
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.uniqueArray(fc.constantFrom('cancel', 'hold', 'backup', 'pass', 'release'), {
        maxLength: 5,
      }),
      async (scheduler, others) => {
        const world = livingInstallation();
        const vault = await registeredVault(world, { policyId: 'consent-only' });
        const { vaultId } = vault;
        sourceOf(world, vault).put('a', 'one');
        const held = await placeHold(world.services, OPERATOR, vaultId, LAWSUIT);
        await release(world, held);
        const erasure = await requested(world, vault);
        const run = await requestBackup(world.services, OPERATOR, vaultId);

        const services = interleaved(scheduler, world.services);
        const acts: Record<string, Act> = {
          cancel: async () => {
            await cancelErasure(services, OPERATOR, vaultId, erasure);
            return cancelErasure(services, SUPERVISOR, vaultId, erasure);
          },
          hold: () => placeHold(services, OPERATOR, vaultId, LAWSUIT),
          backup: () => runBackup(services, run),
          pass: () => advanceDueErasures(services),
          release: async () => {
            const hold = await placeHold(services, OPERATOR, vaultId, LAWSUIT);
            return release({ services }, hold);
          },
        };
        const running = [
          tolerated(approve({ services }, erasure)),
          ...others.map((name) => tolerated((acts[name] as Act)({ services }))),
        ];
        await scheduler.waitFor(Promise.all(running));
        // A conflict is tried again by whoever met it; the hourly pass comes in any case.
        await advanceDueErasures(world.services);

        const after = await vaultNow(world, vaultId);
        const now = await erasureNow(world, erasure);
        const keys = await keyStates(world, vault);
        const target = keyTarget(after, now, world.clock.now()) ?? 'Enabled';
        expect(keys).toEqual([target, target]);
        expect(after.state === 'ERASE_PENDING').toBe(target !== 'Enabled');
        if (after.holds > 0) {
          expect(keys).not.toContain('PendingDeletion');
        }
        await expectWhole(world, vaultId);
        const key = `${now.state}${after.holds > 0 ? ' held' : ''}`;
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
        if (after.state === 'ACTIVE' && after.lastSnapshotId !== null) {
          const stored = await world.ledger.get('snapshot', vaultId, after.lastSnapshotId);
          expect(stored && (await restoredFrom(world, vault, stored.record, 'any'))).toEqual({
            a: 'one',
          });
        }
      },
    ),
    { numRuns: 60 },
  );
  console.info(`outcomes: ${JSON.stringify(Object.fromEntries(outcomes))}`);
}, 180_000);

test('a hold, a cancellation and the deletion of branch keys at once: one wins', async () => {
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.uniqueArray(fc.constantFrom('cancel', 'hold', 'pass'), { minLength: 1 }),
      async (scheduler, others) => {
        const world = livingInstallation();
        const vault = await registeredVault(world, {
          policyId: 'consent-only',
          tier: 'shared-root',
        });
        const { vaultId } = vault;
        const erasure = await approve(world, await requested(world, vault));
        await world.clock.moveDays(7);

        const services = interleaved(scheduler, world.services);
        const acts = {
          cancel: async () => {
            await cancelErasure(services, OPERATOR, vaultId, erasure);
            return cancelErasure(services, SUPERVISOR, vaultId, erasure);
          },
          hold: () => placeHold(services, OPERATOR, vaultId, LAWSUIT),
          pass: () => advanceDueErasures(services),
        };
        const running = others.map(async (name) => [name, await tolerated(acts[name]())] as const);
        const deletion = tolerated(advanceErasure(services, vaultId));
        const answers = new Map(await scheduler.waitFor(Promise.all(running)));
        await scheduler.waitFor(deletion);
        await advanceDueErasures(world.services);

        const { holds } = await vaultNow(world, vaultId);
        const keys = await keyStates(world, vault);
        expect(new Set(keys).size).toBe(1);
        // A hold is in force, too, when its eraser met another one between two steps of a key.
        const placed = ['done', 'KEYS_UNUSABLE', 'KEYS_UNAVAILABLE'];
        expect(holds).toBe(placed.includes(answers.get('hold') ?? 'none') ? 1 : 0);
        const { state } = await erasureNow(world, erasure);
        expect(keys.includes('Gone')).toBe(holds === 0 && state !== 'CANCELLED');
        if (answers.get('cancel') === 'done') {
          expect(state).toBe('CANCELLED');
        }
        await expectWhole(world, vaultId);
        const key = `${keys[0]}, hold ${answers.get('hold')}, cancel ${answers.get('cancel')}`;
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
      },
    ),
    { numRuns: 80 },
  );
  console.info(`outcomes: ${JSON.stringify(Object.fromEntries(outcomes), null, 1)}`);
}, 180_000);

async function expectWhole({ ledger }: MemoryServices, vaultId: string): Promise<void> {
  const entries = await Array.fromAsync(
    ledger.list('audit', { chainId: vaultId }),
    ({ record }) => record,
  );
  const vault = await ledger.get('vault', vaultId);
  expect(vault && findBrokenLink(entries, vault.record.audit)).toBeUndefined();
}
