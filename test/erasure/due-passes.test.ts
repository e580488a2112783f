import { beforeEach, describe, expect, test } from 'vitest';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import type { ErasureState } from '../../shared/domain/states.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import type { DuePass } from '../../shared/registry/pass-over-due.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved, erasureNow } from '../support/erasing.ts';
import { livingInstallation, registeredVault, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

let world: MemoryServices;

beforeEach(() => {
  world = livingInstallation();
});

/** As many erasures as asked for whose grace is over, of vaults under the same two keys. */
async function manySuspended(count: number): Promise<Erasure[]> {
  const vault = await registeredVault(world, { policyId: 'engagement-10y' });
  const erasure = await approved(world, vault);
  await world.clock.moveDays(3);
  const model = await vaultNow(world, vault.vaultId);
  const made: Erasure[] = [];
  for (let number = 1; number < count; number += 1) {
    const [vaultId, erasureId] = [world.ids.next(), world.ids.next()];
    const other = { ...model, vaultId, erasureId, recordClass: `class-${number}` };
    const record = { ...erasure, vaultId, erasureId };
    made.push(record);
    await world.ledger.write([
      { record: other, expect: 'absent' },
      { record, expect: 'absent' },
    ]);
  }
  return [erasure, ...made];
}

/** Time for so many vaults, and a chain of invocations that each start the next one. */
function inTurns<Result>(perTurn: number, pass: (pass: DuePass) => Promise<Result>) {
  return (after?: string) => {
    let left = perTurn;
    return pass({
      after,
      hasTime: () => {
        left -= 1;
        return left >= 0;
      },
    });
  };
}

async function statesOf(erasures: readonly Erasure[]): Promise<ErasureState[]> {
  const states = new Set<ErasureState>();
  for (const erasure of erasures) {
    states.add((await erasureNow(world, erasure)).state);
  }
  return [...states];
}

describe('a pass over the erasures', () => {
  const advance = inTurns(300, (pass) => advanceDueErasures(world.services, pass));
  const goOn = async (_pass?: string, after?: string) => {
    await advance(after);
  };

  test('gives 2,000 their turn, one invocation after the other', async () => {
    const erasures = await manySuspended(2_000);
    world.pipeline.wire({ pass: goOn });
    await goOn();
    expect(await statesOf(erasures)).toEqual(['SCHEDULED']);
    expect(world.pipeline.passes).toHaveLength(6);
    expect(world.pipeline.failures).toEqual([]);
    const reports = world.telemetry.measures.filter(
      ({ metric }) => metric === 'ErasureOverdueHours',
    );
    expect(reports).toHaveLength(7);
  });

  test('does the rest although one of the first failed, and says so by an event', async () => {
    const erasures = await manySuspended(400);
    const [first, lost, ...others] = erasures as [Erasure, Erasure, ...Erasure[]];
    world.ledger.lose('vault', lost.vaultId);
    world.pipeline.wire({ pass: goOn });
    await goOn();
    expect(await statesOf([first, ...others])).toEqual(['SCHEDULED']);
    expect(world.telemetry.eventsNamed('erasure.step-failed')).toEqual([
      { vaultId: lost.vaultId, code: 'VAULT_UNKNOWN' },
    ]);
  });

  test('whose time is over at once is stuck, and reports all the same', async () => {
    await manySuspended(3);
    const stuck = advanceDueErasures(world.services, { hasTime: () => false });
    await expect(stuck).rejects.toMatchObject({ code: 'PASS_STUCK' });
    expect(world.telemetry.measures.at(-1)).toEqual({ metric: 'ErasureOverdueHours', value: 0 });
    expect(world.pipeline.passes).toEqual([]);
  });
});

test('what is destroyed is confirmed and certified in turns as well', async () => {
  const erasures: Erasure[] = [];
  for (const reference of ['A-1', 'A-2', 'A-3']) {
    const vault = await registeredVault(world, { policyId: 'consent-only', reference });
    erasures.push(await approved(world, vault));
  }
  await world.clock.moveDays(7);
  const { services, pipeline } = world;
  const confirm = inTurns(1, (pass) => confirmDueErasures(services, pass));
  const certify = inTurns(1, (pass) => certifyDueErasures(services, TOOL_VERSION, pass));
  pipeline.wire({
    confirmErasures: async (which) => void ('after' in which && (await confirm(which.after))),
    certifyErasures: async (which) => void ('after' in which && (await certify(which.after))),
  });
  expect(await confirm()).toBe(1);
  expect(await statesOf(erasures)).toEqual(['ERASED']);
  expect(await certify()).toBe(1);
  expect(pipeline.certifications).toHaveLength(2);
  for (const erasure of erasures) {
    expect((await erasureNow(world, erasure)).certificateId).not.toBeNull();
  }
});

describe('the confirmation of one vault', () => {
  const due = async () => {
    const vault = await registeredVault(world, { policyId: 'consent-only' });
    return { vault, erasure: await approved(world, vault) };
  };

  test('is started once the evidence of both Regions is recorded, not before', async () => {
    const { vault, erasure } = await due();
    const states: ErasureState[] = [];
    world.pipeline.wire({
      confirmErasures: async () => void states.push((await erasureNow(world, erasure)).state),
    });
    await world.clock.moveDays(7);
    expect(world.pipeline.confirmations).toEqual([{ vaultId: vault.vaultId }]);
    expect(states).toEqual(['DESTROYED']);
  });

  test('is left to the hourly pass when its function cannot be reached', async () => {
    const { vault } = await due();
    const fault = new HoldfastError('PIPELINE_UNAVAILABLE', { step: 'confirm erasures' });
    world.pipeline.confirmErasures = () => Promise.reject(fault);
    await world.clock.moveDays(7);
    expect(world.telemetry.eventsNamed('confirmer.not-reached')).toEqual([
      { vaultId: vault.vaultId },
    ]);
    expect(await confirmDueErasures(world.services)).toBe(1);
  });

  test('is started again by an event that is delivered again', async () => {
    const events: Parameters<typeof recordKeyEvent>[1][] = [];
    world.custody.onKeyEvent(async (event) => void events.push(event));
    await due();
    await world.clock.moveDays(7);
    const last = events.at(-1);
    await (last && recordKeyEvent(world.services, last));
    expect(world.pipeline.confirmations).toHaveLength(2);
  });
});
