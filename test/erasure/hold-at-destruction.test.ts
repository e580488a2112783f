import { beforeEach, describe, expect, test } from 'vitest';
import { requestErasureBody } from '../../shared/admin-api/messages.ts';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import { KEY_TIERS } from '../../shared/domain/key-tier.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures, advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import type { KeyEvent } from '../../shared/erasure/key-event.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { placeClientHold, placeHold } from '../../shared/holds/place-hold.ts';
import type { KeyDestruction } from '../../shared/ports/key-custody.ts';
import type { Services } from '../../shared/ports/services.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved, cancelled, erasureNow, keyStates } from '../support/erasing.ts';
import { LAWSUIT, release } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import { type MemoryServices, memoryServices } from '../support/memory-services.ts';

/** A vault of branch keys whose deletion is due now. */
async function dueVault() {
  const living = livingInstallation();
  const tier = 'shared-root' as const;
  const vault = await registeredVault(living, { policyId: 'consent-only', tier });
  const erasure = await approved(living, vault);
  await living.clock.moveDays(7);
  return { living, vault, erasure };
}

/** Services of an eraser to whom something happens just before its first call of a kind. */
function interrupted(
  { services }: MemoryServices,
  call: 'scheduleDeletion' | 'destroyDue',
  happening: () => Promise<unknown>,
): Services {
  let happened: Promise<unknown> | undefined;
  const destruction = new Proxy(services.destruction, {
    get(target, name) {
      const member = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        if (name === call) {
          happened ??= happening();
          await happened;
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { ...services, destruction: destruction as KeyDestruction };
}

const hold = ({ services }: MemoryServices, { vaultId }: Vault) =>
  placeHold(services, OPERATOR, vaultId, LAWSUIT);

async function actionsOf({ ledger }: MemoryServices, { vaultId }: Vault): Promise<string[]> {
  return Array.fromAsync(ledger.list('audit', { chainId: vaultId }), ({ record }) => record.action);
}

test.each(KEY_TIERS)('a hold in the very moment of scheduling wins, tier %s', async (tier) => {
  const living = livingInstallation();
  const vault = await registeredVault(living, { tier });
  const erasure = await approved(living, vault);
  await living.clock.moveDays(3);
  const eraser = interrupted(living, 'scheduleDeletion', () => hold(living, vault));
  await advanceDueErasures(eraser);
  await living.clock.moveDays(60);
  await advanceDueErasures(living.services);
  expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
  expect((await erasureNow(living, erasure)).state).toBe('SUSPENDED');
});

describe('a hold in the very moment of the destruction', () => {
  test('wins when the eraser has looked, and not yet written that it deletes', async () => {
    const { living, vault, erasure } = await dueVault();
    const eraser = interrupted(living, 'scheduleDeletion', () => hold(living, vault));
    await advanceDueErasures(eraser);
    await living.clock.moveDays(60);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect((await erasureNow(living, erasure)).state).toBe('SUSPENDED');
    expect((await vaultNow(living, vault.vaultId)).holds).toBe(1);
  });

  test('is refused with the time when that is written, although both keys are there', async () => {
    const { living, vault, erasure } = await dueVault();
    let refusal: unknown;
    const eraser = interrupted(living, 'destroyDue', async () => {
      expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
      expect((await erasureNow(living, erasure)).state).toBe('DESTROYING');
      refusal = await hold(living, vault).catch((error) => error);
    });
    await advanceDueErasures(eraser);
    expect(refusal).toMatchObject({
      code: 'DESTRUCTION_BEGUN',
      data: { vaultId: vault.vaultId, at: '2026-11-09T08:00:00.000Z' },
      message: expect.stringContaining('has begun at 2026-11-09T08:00:00.000Z'),
    });
    expect(await keyStates(living, vault)).toEqual(['Gone', 'Gone']);
    expect((await vaultNow(living, vault.vaultId)).holds).toBe(0);
    const actions = await actionsOf(living, vault);
    expect(actions).not.toContain('hold.placed');
    expect(actions.slice(-2)).toEqual(['erasure.destroying', 'erasure.absence-observed']);
  });

  test('is refused between the two Regions as well, and so is a cancellation', async () => {
    const { living, vault, erasure } = await dueVault();
    const eraser = interrupted(living, 'destroyDue', async () => {
      living.custody.available.secondary = false;
    });
    const unreachable = { code: 'KEYS_UNAVAILABLE' };
    await expect(advanceDueErasures(eraser)).rejects.toMatchObject(unreachable);
    expect((await erasureNow(living, erasure)).state).toBe('DESTROYING');
    await expect(hold(living, vault)).rejects.toMatchObject({ code: 'DESTRUCTION_BEGUN' });
    await expect(cancelled(living, erasure)).rejects.toMatchObject({ code: 'TOO_LATE_TO_CANCEL' });
    await living.clock.moveDays(1);
    await expect(advanceDueErasures(living.services)).rejects.toMatchObject(unreachable);
    expect(living.telemetry.total('ErasureOverdueHours')).toBe(21);
    living.custody.available.secondary = true;
    await advanceDueErasures(living.services);
    expect(await confirmDueErasures(living.services)).toBe(1);
    expect(await keyStates(living, vault)).toEqual(['Gone', 'Gone']);
  });

  test('on the client leaves that vault out, with an entry, and holds the others', async () => {
    const { living, vault } = await dueVault();
    const { clientId } = vault;
    const other = await registerVault(living.services, OPERATOR, clientId, {
      recordClass: 'payroll',
      policyId: 'consent-only',
      source: { kind: 'folder' },
    });
    const eraser = interrupted(living, 'destroyDue', () =>
      placeClientHold(living.services, OPERATOR, clientId, LAWSUIT),
    );
    await advanceDueErasures(eraser);
    expect((await vaultNow(living, vault.vaultId)).holds).toBe(0);
    expect((await vaultNow(living, other.vaultId)).holds).toBe(1);
    expect(await actionsOf(living, vault)).toContain('request.denied');
  });

  test('that was released before does not shorten the waiting that begins anew', async () => {
    const { living, vault } = await dueVault();
    await release(living, await hold(living, vault));
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
  });
});

test('a hold on a vault whose keys KMS has destroyed is refused before it is proved', async () => {
  const living = livingInstallation();
  const vault = await registeredVault(living, { policyId: 'consent-only' });
  await approved(living, vault);
  await living.clock.moveDays(7);
  await expect(hold(living, vault)).rejects.toMatchObject({
    code: 'DESTRUCTION_BEGUN',
    data: { at: '2026-11-09T08:00:00.000Z' },
  });
});

describe('between the destruction by KMS and its events', () => {
  let world: MemoryServices;
  let vault: Vault;
  let erasure: Erasure;
  /** What CloudTrail has not delivered yet. */
  let trail: KeyEvent[];

  beforeEach(async () => {
    world = memoryServices();
    trail = [];
    world.custody.onKeyEvent(async (event) => void trail.push(event));
    const { services } = world;
    world.pipeline.wire({ advanceErasure: (vaultId) => advanceErasure(services, vaultId) });
    vault = await registeredVault(world, { policyId: 'consent-only' });
    erasure = await approved(world, vault);
  });

  async function deliver(): Promise<void> {
    for (const event of trail.splice(0)) {
      await recordKeyEvent(world.services, event);
    }
  }

  /** The other key's deletion is called off by somebody, and so comes three days later. */
  async function oneKeyGone(): Promise<void> {
    await world.clock.moveDays(3);
    await world.custody.cancelDeletion(vault.keys.secondary);
    await advanceErasure(world.services, vault.vaultId);
    await world.clock.moveDays(4);
    expect(await keyStates(world, vault)).toEqual(['Gone', 'PendingDeletion']);
  }

  const confirm = () => confirmDueErasures(world.services);
  const certify = () => certifyDueErasures(world.services, TOOL_VERSION);

  test('a hold comes too late, rings the alarm, and the end is certified once', async () => {
    await world.clock.moveDays(7);
    await hold(world, vault);
    expect((await erasureNow(world, erasure)).state).toBe('SCHEDULED');
    await deliver();
    expect(world.telemetry.total('UnexpectedKeyEvent')).toBe(2);
    expect(await confirm()).toBe(1);
    expect(await certify()).toBe(1);
    await world.clock.moveDays(1);
    expect(await certify()).toBe(0);
    const { deletionDates, certificateId } = await erasureNow(world, erasure);
    const due = '2026-11-09T08:00:00.000Z';
    expect(deletionDates).toEqual({ primary: due, secondary: due });
    expect(certificateId).not.toBeNull();
  });

  test('a hold that came too late does not keep a lost event from being given up', async () => {
    await world.clock.moveDays(7);
    await hold(world, vault);
    await world.clock.moveDays(2);
    await advanceDueErasures(world.services);
    expect(await confirm()).toBe(1);
    expect(await certify()).toBe(1);
  });

  test('a law that came too late changes nothing of what was approved', async () => {
    await world.clock.moveDays(7);
    const stored = await world.ledger.get('vault', vault.vaultId);
    const longer = { ...vault, policyId: 'engagement-10y' };
    const { state, erasureId, audit } = stored?.record ?? vault;
    const record = { ...longer, state, erasureId, audit };
    await world.ledger.write([{ record, expect: stored?.version ?? 'absent' }]);
    await advanceDueErasures(world.services);
    await deliver();
    expect(await confirm()).toBe(1);
    expect((await erasureNow(world, erasure)).decision).toEqual(erasure.decision);
    expect(await certify()).toBe(1);
  });

  test('a key that was gone before a hold keeps its date, the other gets another', async () => {
    await oneKeyGone();
    const held = await hold(world, vault);
    expect((await erasureNow(world, erasure)).deletionDates).toEqual({
      primary: '2026-11-09T08:00:00.000Z',
      secondary: null,
    });
    await world.clock.moveDays(100);
    await release(world, held);
    await world.clock.moveDays(7);
    await deliver();
    expect(await confirm()).toBe(1);
    expect((await erasureNow(world, erasure)).deletionDates).toEqual({
      primary: '2026-11-09T08:00:00.000Z',
      secondary: '2027-02-24T08:00:00.000Z',
    });
    expect(await certify()).toBe(1);
  });

  test('a cancellation that came too late leaves the date of the key that is gone', async () => {
    await oneKeyGone();
    expect((await cancelled(world, erasure)).deletionDates).toEqual({
      primary: '2026-11-09T08:00:00.000Z',
      secondary: '2026-11-16T08:00:00.000Z',
    });
  });
});

test('a cancellation too late, before the keys were disabled, lets it go on', async () => {
  const living = livingInstallation();
  const vault = await registeredVault(living);
  living.pipeline.wire({ advanceErasure: async () => undefined });
  const erasure = await approved(living, vault);
  const somebody = living.custody.actingAs('arn:aws:iam::111122223333:user/somebody');
  await somebody.scheduleDeletion(vault.keys.primary, 7);
  await living.clock.moveDays(7);
  const stored = await living.ledger.get('erasure', vault.vaultId, erasure.erasureId);
  const unproved = { ...erasure, evidence: { primary: null, secondary: null } };
  await living.ledger.write([{ record: unproved, expect: stored?.version ?? 'absent' }]);
  await cancelled(living, erasure);
  await advanceDueErasures(living.services);
  expect(await erasureNow(living, erasure)).toMatchObject({
    state: 'SUSPENDED',
    suspendedAt: '2026-11-09T08:00:00.000Z',
    graceUntil: '2026-11-12T08:00:00.000Z',
  });
  await living.clock.moveDays(3);
  await advanceDueErasures(living.services);
  expect(await keyStates(living, vault)).toEqual(['Gone', 'PendingDeletion']);
});

test('keys that somebody else destroyed in a restriction are not certified', async () => {
  const living = livingInstallation();
  const vault = await registeredVault(living);
  const recent = requestErasureBody.parse({ reason: 'asked to', event: '2025-03-10' });
  const erasure = await approved(living, vault, recent);
  living.pipeline.wire({ advanceErasure: async () => undefined });
  const somebody = living.custody.actingAs('arn:aws:iam::111122223333:user/somebody');
  await somebody.scheduleDeletion(vault.keys.primary, 7);
  await somebody.scheduleDeletion(vault.keys.secondary, 7);
  await living.clock.moveDays(7);
  expect(await confirmDueErasures(living.services)).toBe(1);
  expect((await erasureNow(living, erasure)).deletionDates).toBeNull();
  expect(await certifyDueErasures(living.services, TOOL_VERSION)).toBe(0);
  expect(living.telemetry.eventsNamed('certificate.refused')).toEqual([
    expect.objectContaining({
      missing: expect.stringContaining('no deletion of the primary key was scheduled'),
    }),
  ]);
});
