import { beforeEach, describe, expect, test } from 'vitest';
import { requestErasureBody } from '../../shared/admin-api/messages.ts';
import type { PolicyDocument } from '../../shared/domain/policy-document.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures, advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import type { KeyDestruction } from '../../shared/ports/key-custody.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import {
  approve,
  approved,
  cancelled,
  erasureNow,
  keyStates,
  requested,
} from '../support/erasing.ts';
import { LAWSUIT, release } from '../support/holding-world.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { samplePolicy } from '../support/sample-records.ts';

let living: MemoryServices;

beforeEach(() => {
  living = livingInstallation();
});

function hold({ vaultId }: Vault) {
  return placeHold(living.services, OPERATOR, vaultId, LAWSUIT);
}

async function untilErased(vault: Vault, days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    await living.clock.moveDays(1);
    await advanceDueErasures(living.services);
    await confirmDueErasures(living.services);
  }
  expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASED');
}

/** Puts the vault under another version of its policy. */
async function repin(vault: Vault, changes: Partial<PolicyDocument>): Promise<void> {
  const stored = await living.ledger.get('vault', vault.vaultId);
  const sample = samplePolicy(vault.policyId, 2);
  const record = { ...sample, document: { ...sample.document, ...changes } };
  await living.ledger.write([
    { record, expect: 'absent' },
    {
      record: { ...(stored?.record ?? vault), policyVersion: 2 },
      expect: stored?.version ?? 'absent',
    },
  ]);
}

describe('a hold', () => {
  test('placed a second before destruction wins, and both keys stay', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    await living.clock.moveTo(new Date(Date.parse('2026-11-09T08:00:00Z') - 1000));
    await hold(vault);
    await living.clock.moveDays(400);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect(await erasureNow(living, erasure)).toMatchObject({
      state: 'SUSPENDED',
      deletionDates: null,
    });
  });

  test('suspends an erasure, which goes on by itself after the release', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    const held = await hold(vault);
    await living.clock.moveDays(100);
    await release(living, held);
    expect(await erasureNow(living, erasure)).toMatchObject({
      state: 'SCHEDULED',
      // A new waiting period of seven days.
      deletionDates: { primary: '2027-02-17T08:00:00.000Z' },
    });
    await untilErased(vault, 8);
  });

  test('goes on only when the last of several is released', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    const holds = [await hold(vault), await hold(vault)];
    for (const [index, held] of holds.entries()) {
      expect((await erasureNow(living, erasure)).state, String(index)).toBe('SUSPENDED');
      await release(living, held);
    }
    expect((await erasureNow(living, erasure)).state).toBe('SCHEDULED');
  });

  test('is heeded by the hourly run when the erasing function was not reached', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    await approved(living, vault);
    living.pipeline.wire({ advanceErasure: async () => undefined });
    await hold(vault);
    expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
  });

  test('that outlasts the grace costs no event and no audit entry by the hour', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    await approved(living, vault);
    await hold(vault);
    const { services, custody } = living;
    const disabled: string[] = [];
    // KMS tells CloudTrail of a call that changes nothing, too.
    const destruction = new Proxy<KeyDestruction>(custody, {
      get: (key, name) => {
        const member = Reflect.get(key, name) as (keyArn: string) => unknown;
        return (keyArn: string) => {
          if (name === 'disable') {
            disabled.push(keyArn);
          }
          return Reflect.apply(member, key, [keyArn]);
        };
      },
    });
    const { audit } = await vaultNow(living, vault.vaultId);
    for (let hour = 0; hour < 24; hour += 1) {
      await advanceDueErasures({ ...services, destruction });
    }
    expect(disabled).toEqual([]);
    expect((await vaultNow(living, vault.vaultId)).audit.count).toBe(audit.count);
    await custody.enable(vault.keys.primary);
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Disabled']);
    await advanceDueErasures({ ...services, destruction });
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect(disabled[0]).toBe(vault.keys.primary);
  });

  test('saves the key that is left when the other one is destroyed already', async () => {
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    await living.custody.cancelDeletion(vault.keys.secondary);
    await living.clock.moveDays(7);
    await hold(vault);
    await living.clock.moveDays(30);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Gone', 'Disabled']);
    expect((await erasureNow(living, erasure)).evidence.secondary).toBeNull();
  });

  test('on a request that waits keeps it from being approved, and then no longer', async () => {
    const vault = await registeredVault(living);
    const erasure = await requested(living, vault);
    const held = await hold(vault);
    await expect(approve(living, erasure)).rejects.toMatchObject({ code: 'VAULT_HELD' });
    await expect(requested(living, vault)).rejects.toMatchObject({ code: 'ERASURE_UNDER_WAY' });
    await release(living, held);
    expect((await approve(living, erasure)).state).toBe('SUSPENDED');
  });
});

describe('a restriction', () => {
  const RECENT = requestErasureBody.parse({ reason: 'asked to', event: '2025-03-10' });

  async function restricted() {
    const vault = await registeredVault(living);
    sourceOf(living, vault).put('a', 'one');
    await backUp(living, vault);
    return { vault, erasure: await approved(living, vault, RECENT) };
  }

  test('disables the keys, refuses to restore, and takes no backups', async () => {
    const { vault, erasure } = await restricted();
    expect(erasure).toMatchObject({
      state: 'SUSPENDED',
      graceUntil: '2035-03-10T16:00:00.000Z',
    });
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    const { state, nextBackupAt } = await vaultNow(living, vault.vaultId);
    expect({ state, nextBackupAt }).toEqual({ state: 'RESTRICTED', nextBackupAt: null });
    const target = { kind: 'folder' as const };
    const wish = { patterns: [], from: 'any' as const, overwrite: false, target };
    await expect(
      requestRestore(living.services, OPERATOR, vault.vaultId, wish),
    ).rejects.toMatchObject({ code: 'VAULT_UNREADABLE', data: { state: 'RESTRICTED' } });
  });

  test('ends by itself: the vault is erased when the period is over, not before', async () => {
    const { vault, erasure } = await restricted();
    await living.clock.moveTo(new Date('2035-03-10T15:00:00Z'));
    await advanceDueErasures(living.services);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('RESTRICTED');
    await living.clock.moveTo(new Date('2035-03-10T16:00:00Z'));
    await advanceDueErasures(living.services);
    expect((await erasureNow(living, erasure)).state).toBe('SCHEDULED');
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASE_PENDING');
    await untilErased(vault, 8);
  });

  test('is released by as many people as it took, and the vault works again', async () => {
    const { vault, erasure } = await restricted();
    await living.clock.moveDays(1000);
    expect((await cancelled(living, erasure)).state).toBe('CANCELLED');
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ACTIVE');
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
  });

  test('is prolonged when the period of its policy has become longer meanwhile', async () => {
    const { vault, erasure } = await restricted();
    await repin(vault, { rules: ['cn-acct-voucher-30y'] });
    await living.clock.moveTo(new Date('2035-03-11T00:00:00Z'));
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect(await erasureNow(living, erasure)).toMatchObject({
      state: 'SUSPENDED',
      graceUntil: '2055-12-31T16:00:00.000Z',
      decision: { rule: 'statutory-period' },
    });
    await living.clock.moveTo(new Date('2056-01-01T00:00:00Z'));
    await advanceDueErasures(living.services);
    expect((await erasureNow(living, erasure)).state).toBe('SCHEDULED');
  });

  test('begins even for what was to be destroyed, as long as it is not', async () => {
    const vault = await registeredVault(living);
    const erasure = await approved(living, vault);
    await living.clock.moveDays(3);
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['PendingDeletion', 'PendingDeletion']);
    await repin(vault, { rules: ['cn-acct-voucher-30y'] });
    await advanceDueErasures(living.services);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect((await erasureNow(living, erasure)).graceUntil).toBe('2040-12-31T16:00:00.000Z');
    expect((await vaultNow(living, vault.vaultId)).state).toBe('RESTRICTED');
  });

  test('of what is to be kept for ever never ends by itself', async () => {
    const vault = await registeredVault(living);
    await repin(vault, { rules: ['cn-acct-annual-report-perm'] });
    const erasure = await approved(living, vault, RECENT);
    expect(erasure).toMatchObject({ state: 'SUSPENDED', graceUntil: null });
    await living.clock.moveTo(new Date('2126-01-01T00:00:00Z'));
    await advanceErasure(living.services, vault.vaultId);
    expect((await erasureNow(living, erasure)).state).toBe('SUSPENDED');
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('RESTRICTED');
  });

  test('outlasts its date while a hold is in force', async () => {
    const { vault, erasure } = await restricted();
    const held = await hold(vault);
    await living.clock.moveTo(new Date('2036-01-01T00:00:00Z'));
    await advanceDueErasures(living.services);
    expect((await erasureNow(living, erasure)).state).toBe('SUSPENDED');
    expect((await vaultNow(living, vault.vaultId)).state).toBe('RESTRICTED');
    await release(living, held);
    await untilErased(vault, 8);
  });
});

describe('cancelling', () => {
  test('an approved erasure takes as many people as it took to approve', async () => {
    const vault = await registeredVault(living);
    const erasure = await approved(living, vault);
    const cancel = (actor: string) => cancelErasure(living.services, actor, vault.vaultId, erasure);
    expect(await cancel(OPERATOR)).toMatchObject({
      state: 'SUSPENDED',
      cancellations: [{ by: OPERATOR }],
    });
    await expect(cancel(OPERATOR)).rejects.toMatchObject({ code: 'ALREADY_CANCELLED_BY' });
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect((await cancel(SUPERVISOR)).state).toBe('CANCELLED');
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
  });

  test('leads a closed vault back to being closed', async () => {
    const vault = await registeredVault(living);
    const stored = await living.ledger.get('vault', vault.vaultId);
    const closed: Vault = { ...vault, state: 'CLOSED', nextBackupAt: null };
    await living.ledger.write([{ record: closed, expect: stored?.version ?? 'absent' }]);
    await cancelled(living, await approved(living, vault));
    expect(await vaultNow(living, vault.vaultId)).toMatchObject({
      state: 'CLOSED',
      nextBackupAt: null,
    });
  });
});
