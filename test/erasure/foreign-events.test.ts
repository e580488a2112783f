import { beforeEach, describe, expect, test } from 'vitest';
import { requestErasureBody } from '../../shared/admin-api/messages.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { compareKeys } from '../../shared/erasure/compare-keys.ts';
import type { KeyEvent } from '../../shared/erasure/key-event.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import type { KeyDestruction } from '../../shared/ports/key-custody.ts';
import { approved, cancelled, erasureNow, keyStates, requested } from '../support/erasing.ts';
import { LAWSUIT } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { samplePolicy } from '../support/sample-records.ts';

const SOMEBODY = 'arn:aws:iam::111122223333:user/somebody';

let living: MemoryServices;
let somebody: KeyDestruction;

beforeEach(() => {
  living = livingInstallation();
  somebody = living.custody.actingAs(SOMEBODY);
});

async function actionsOf({ vaultId }: Vault): Promise<string[]> {
  const entries = await Array.fromAsync(living.ledger.list('audit', { chainId: vaultId }));
  return entries.map(({ record }) => record.action);
}

function unexpected(): number {
  return living.telemetry.total('UnexpectedKeyEvent');
}

/** A vault whose policy leaves foreign key events as they are. */
async function unguardedVault(): Promise<Vault> {
  const vault = await registeredVault(living);
  const stored = await living.ledger.get('vault', vault.vaultId);
  const sample = samplePolicy(vault.policyId, 2);
  const erasure = { ...sample.document.erasure, undoForeignKeyEvents: false };
  const pinned: Vault = { ...vault, policyVersion: 2 };
  await living.ledger.write([
    { record: { ...sample, document: { ...sample.document, erasure } }, expect: 'absent' },
    { record: pinned, expect: stored?.version ?? 'absent' },
  ]);
  return pinned;
}

/** The first event of the installation, as it was delivered. */
function disabledBySomebody({ keys }: Vault): KeyEvent {
  return {
    eventId: 'event-000001',
    eventName: 'DisableKey',
    eventTime: '2026-11-02T08:00:00.000Z',
    region: 'eu-central-1',
    keyArn: keys.primary,
    actorArn: SOMEBODY,
  };
}

describe('a key that somebody switches by hand', () => {
  test('is enabled again, with an alarm and a trace', async () => {
    const vault = await registeredVault(living);
    await somebody.disable(vault.keys.primary);
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    expect(unexpected()).toBe(1);
    expect(await actionsOf(vault)).toEqual([
      'vault.registered',
      'key.DisableKey',
      'key.EnableKey',
      'keys.restored',
    ]);
  });

  test('is saved from a deletion that was scheduled', async () => {
    const vault = await registeredVault(living);
    await somebody.scheduleDeletion(vault.keys.secondary, 7);
    await living.clock.moveDays(30);
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    expect(unexpected()).toBe(1);
  });

  test('is saved while an erasure only waits for its approval', async () => {
    const vault = await registeredVault(living);
    await requested(living, vault);
    await somebody.scheduleDeletion(vault.keys.primary, 7);
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
  });

  test('stays as it is where the policy says so, with an alarm', async () => {
    const vault = await unguardedVault();
    await somebody.disable(vault.keys.primary);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Enabled']);
    expect(unexpected()).toBe(1);
  });

  test('gets its policy back', async () => {
    const vault = await registeredVault(living);
    await living.custody.changePolicy(vault.keys.primary, SOMEBODY);
    expect(await living.custody.restorePolicy(vault.keys.primary)).toBe(false);
    expect(unexpected()).toBe(1);
    expect(await actionsOf(vault)).toContain('key-policy.restored');
  });

  test('is enabled when the event is delivered again after a failure', async () => {
    const vault = await registeredVault(living);
    living.pipeline.wire({ restoreKeys: () => Promise.reject(new Error('not reached')) });
    await expect(somebody.disable(vault.keys.primary)).rejects.toThrow('not reached');
    living.pipeline.wire({
      restoreKeys: (vaultId) => advanceErasure(living.services, vaultId, { restore: true }),
    });
    await recordKeyEvent(living.services, disabledBySomebody(vault));
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    expect(unexpected()).toBe(2);
  });
});

describe('during an erasure of our own', () => {
  test('an own event undoes nothing and alarms nobody', async () => {
    const vault = await registeredVault(living);
    const erasure = await approved(living, vault);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    await cancelled(living, erasure);
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    expect(unexpected()).toBe(0);
    expect(await actionsOf(vault)).not.toContain('keys.restored');
  });

  test('a key that somebody enables is disabled again', async () => {
    const vault = await registeredVault(living);
    await approved(living, vault);
    await somebody.enable(vault.keys.primary);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect(unexpected()).toBe(1);
  });

  test('a deletion that somebody schedules within the grace is called off', async () => {
    const vault = await registeredVault(living);
    await approved(living, vault);
    await somebody.scheduleDeletion(vault.keys.primary, 7);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
  });

  test('a deletion that somebody calls off is scheduled anew, with its new date', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    await living.clock.moveDays(2);
    await somebody.cancelDeletion(vault.keys.primary);
    expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
    expect((await erasureNow(living, erasure)).deletionDates).toEqual({
      primary: '2026-11-11T08:00:00.000Z',
      secondary: '2026-11-09T08:00:00.000Z',
    });
  });

  test('what it did in the moment of a cancellation is put back when its event comes', async () => {
    const vault = await registeredVault(living);
    await cancelled(living, await approved(living, vault));
    // A run that read the ledger before the cancellation, and broke off right after this.
    await living.custody.scheduleDeletion(vault.keys.primary, 7);
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ACTIVE');
  });

  test('a key that somebody destroyed under a hold is known to be, with an alarm', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    await placeHold(living.services, OPERATOR, vault.vaultId, LAWSUIT);
    living.pipeline.wire({ advanceErasure: async () => undefined });
    await somebody.scheduleDeletion(vault.keys.primary, 7);
    await living.clock.moveDays(7);
    expect(unexpected()).toBe(2);
    expect((await erasureNow(living, erasure)).evidence.primary).toMatchObject({ kind: 'event' });
    expect(await keyStates(living, vault)).toEqual(['Gone', 'Disabled']);
  });
});

describe('a key event that is lost', () => {
  beforeEach(() => {
    living = livingInstallation({ keyEvents: 'lost' });
    somebody = living.custody.actingAs(SOMEBODY);
  });

  /** Eight days, on each of which the keys are compared. */
  async function aWeek(): Promise<void> {
    for (let day = 0; day < 8; day += 1) {
      await living.clock.moveDays(1);
      await compareKeys(living.services, () => true);
    }
  }

  test('does not cost a vault its keys: the daily comparison saves them', async () => {
    const vault = await registeredVault(living);
    await somebody.scheduleDeletion(vault.keys.primary, 7);
    await somebody.scheduleDeletion(vault.keys.secondary, 7);
    await aWeek();
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    expect(unexpected()).toBe(1);
    expect(await actionsOf(vault)).toEqual(['vault.registered', 'key.observed', 'keys.restored']);
  });

  test('does not end a restriction before its time', async () => {
    const vault = await registeredVault(living, { policyId: 'engagement-10y' });
    const recent = requestErasureBody.parse({ reason: 'asked', event: '2025-03-10' });
    const erasure = await approved(living, vault, recent);
    await living.clock.moveDays(1);
    await somebody.enable(vault.keys.primary);
    await somebody.scheduleDeletion(vault.keys.secondary, 7);
    await aWeek();
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect((await erasureNow(living, erasure)).state).toBe('SUSPENDED');
    expect(unexpected()).toBe(1);
  });

  test('does not bring back what is being erased', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    await living.clock.moveDays(1);
    await somebody.cancelDeletion(vault.keys.primary);
    await compareKeys(living.services, () => true);
    expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
    expect((await erasureNow(living, erasure)).state).toBe('SCHEDULED');
    expect(unexpected()).toBe(1);
  });

  test('rings each day where the policy says that nothing is undone', async () => {
    const vault = await unguardedVault();
    await somebody.disable(vault.keys.primary);
    await aWeek();
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Enabled']);
    expect(unexpected()).toBe(8);
  });

  test('of a destruction rings once: nothing can be done any more', async () => {
    const vault = await unguardedVault();
    await somebody.scheduleDeletion(vault.keys.primary, 7);
    await living.clock.moveDays(7);
    await aWeek();
    expect(unexpected()).toBe(1);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ACTIVE');
  });
});
