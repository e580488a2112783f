import { describe, expect, test, vi } from 'vitest';
import { findBrokenLink } from '../../shared/domain/audit-chain.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { AuditEntry } from '../../shared/domain/records.ts';
import { advanceDueErasures, advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import {
  approve,
  approved,
  cancelled,
  erasureNow,
  keyStates,
  requested,
} from '../support/erasing.ts';
import {
  livingInstallation,
  OPERATOR,
  registeredVault,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

async function auditOf({ ledger }: MemoryServices, vaultId: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const { record } of ledger.list('audit', { chainId: vaultId })) {
    entries.push(record);
  }
  return entries;
}

describe('requesting and approving', () => {
  test('a request alone changes nothing about the keys', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    await requested(living, vault);
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ACTIVE');
  });

  test('whoever requested an erasure cannot approve it', async () => {
    const living = livingInstallation();
    const erasure = await requested(living, await registeredVault(living));
    await expect(approve(living, erasure, OPERATOR)).rejects.toMatchObject({ code: 'OWN_REQUEST' });
  });

  test('an approval names the erasure it was shown, not just any', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const first = await requested(living, vault);
    await cancelErasure(living.services, OPERATOR, vault.vaultId, first);
    await requested(living, vault);
    await expect(approve(living, first)).rejects.toMatchObject({ code: 'ERASURE_UNKNOWN' });
  });

  test('an approval disables both keys at once and stops backups', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const erasure = await approved(living, vault);
    expect(erasure.state).toBe('SUSPENDED');
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
    expect(await vaultNow(living, vault.vaultId)).toMatchObject({
      state: 'ERASE_PENDING',
      nextBackupAt: null,
    });
  });

  test('an approval stands when the erasing function cannot be reached', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    living.custody.available.secondary = false;
    const erasure = await requested(living, vault);
    await expect(approve(living, erasure)).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' });
    living.custody.available.secondary = true;
    expect(await advanceDueErasures(living.services)).toBe(1);
    expect((await living.custody.states(vault.keys)).secondary.state).toBe('Disabled');
  });

  test('a vault is not asked for twice, and not again once erased', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    await approved(living, vault);
    const again = () => requested(living, vault);
    await expect(again()).rejects.toMatchObject({ code: 'ERASURE_UNDER_WAY' });
    await living.clock.moveDays(8);
    await confirmDueErasures(living.services);
    await expect(again()).rejects.toMatchObject({ code: 'VAULT_UNREADABLE' });
  });
});

describe('the way to ERASED', () => {
  test('deletion is scheduled in both Regions only when the grace is over', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const erasure = await approved(living, vault);
    await living.clock.moveDays(2);
    await advanceDueErasures(living.services);
    expect((await erasureNow(living, erasure)).state).toBe('SUSPENDED');
    await living.clock.moveDays(1);
    await advanceDueErasures(living.services);
    expect(await erasureNow(living, erasure)).toMatchObject({
      state: 'SCHEDULED',
      deletionDates: {
        primary: '2026-11-12T08:00:00.000Z',
        secondary: '2026-11-12T08:00:00.000Z',
      },
    });
  });

  test('the grace counts from when the keys were disabled, not from the request', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const erasure = await requested(living, vault);
    await living.clock.moveDays(2);
    await approve(living, erasure);
    expect(await erasureNow(living, erasure)).toMatchObject({
      state: 'SUSPENDED',
      suspendedAt: '2026-11-04T08:00:00.000Z',
      graceUntil: '2026-11-07T08:00:00.000Z',
    });
  });

  test('a scheduled deletion is an intent: not ERASED before both events', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    expect((await erasureNow(living, erasure)).state).toBe('SCHEDULED');
    expect(await confirmDueErasures(living.services)).toBe(0);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASE_PENDING');
  });

  test('both DeleteKey events and two refused decrypts make it ERASED', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    await living.clock.moveDays(7);
    expect((await erasureNow(living, erasure)).state).toBe('DESTROYED');
    expect(await confirmDueErasures(living.services)).toBe(1);
    const ended = await erasureNow(living, erasure);
    expect(ended.state).toBe('ERASED');
    expect(ended.evidence.primary).toMatchObject({ kind: 'event', region: 'eu-central-1' });
    expect(ended.evidence.secondary).toMatchObject({ kind: 'event', region: 'eu-west-1' });
    const refused = { outcome: 'refused', answer: 'NotFoundException' };
    expect(ended.probes.primary).toMatchObject(refused);
    expect(ended.probes.secondary).toMatchObject({ outcome: 'refused' });
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASED');
    expect(living.telemetry.total('VaultErased')).toBe(1);
  });

  test.each(COPY_NAMES)(
    'a decrypt that succeeds in the %s Region keeps it open',
    async (opening) => {
      const living = livingInstallation();
      const vault = await registeredVault(living, { policyId: 'consent-only' });
      const erasure = await approved(living, vault);
      await living.clock.moveDays(7);
      const { services, custody, telemetry } = living;
      const refused = { outcome: 'refused', answer: 'NotFoundException' } as const;
      custody.probe = async (_keys, _probes, copy) =>
        copy === opening ? { outcome: 'opened' } : refused;
      expect(await confirmDueErasures(services)).toBe(0);
      expect((await erasureNow(living, erasure)).state).toBe('DESTROYED');
      expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASE_PENDING');
      expect(telemetry.total('UnexpectedKeyEvent')).toBe(1);
    },
  );

  test.each(['KMSInvalidStateException', 'DisabledException', 'AccessDeniedException'])(
    'a decrypt refused by %s is tried again, until the key is said to be gone',
    async (answer) => {
      const living = livingInstallation();
      const vault = await registeredVault(living, { policyId: 'consent-only' });
      const erasure = await approved(living, vault);
      await living.clock.moveDays(7);
      const { services, custody, telemetry } = living;
      const behind = vi
        .spyOn(custody, 'probe')
        .mockResolvedValueOnce({ outcome: 'refused', answer });
      expect(await confirmDueErasures(services)).toBe(0);
      expect((await erasureNow(living, erasure)).state).toBe('DESTROYED');
      expect(telemetry.total('UnexpectedKeyEvent')).toBe(0);
      behind.mockRestore();
      expect(await confirmDueErasures(services)).toBe(1);
    },
  );

  test('another vault of the same client stays as it is', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const other = await registeredVault(living, { reference: 'A-2' });
    await approved(living, vault);
    await living.clock.moveDays(7);
    await confirmDueErasures(living.services);
    expect(await keyStates(living, other)).toEqual(['Enabled', 'Enabled']);
  });

  test('every step is in one unbroken audit chain', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    await approved(living, vault);
    await living.clock.moveDays(7);
    await confirmDueErasures(living.services);
    const entries = await auditOf(living, vault.vaultId);
    const { audit } = await vaultNow(living, vault.vaultId);
    expect(findBrokenLink(entries, audit)).toBeUndefined();
    expect(entries.map(({ action }) => action)).toEqual([
      'vault.registered',
      'erasure.requested',
      'erasure.approved',
      'key.DisableKey',
      'key.DisableKey',
      'erasure.suspended',
      'key.ScheduleKeyDeletion',
      'key.ScheduleKeyDeletion',
      'erasure.scheduled',
      'key.DeleteKey',
      'key.DeleteKey',
      'erasure.erased',
    ]);
    expect(living.telemetry.total('UnexpectedKeyEvent')).toBe(0);
  });
});

describe('cancelling', () => {
  test.each([
    ['while it waits for approval', 0, 'request'],
    ['during the grace', 1, 'approve'],
    ['the day before destruction', 9, 'approve'],
  ] as const)('%s leaves a vault that works', async (_when, days, upTo) => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const { services } = living;
    const erasure = await requested(living, vault);
    if (upTo === 'approve') {
      await approve(living, erasure);
    }
    for (let day = 0; day < days; day += 1) {
      await living.clock.moveDays(1);
      await advanceDueErasures(services);
    }
    const end =
      upTo === 'approve'
        ? await cancelled(living, erasure)
        : await cancelErasure(services, OPERATOR, vault.vaultId, erasure);
    expect(end.state).toBe('CANCELLED');
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    const after = await vaultNow(living, vault.vaultId);
    expect(after.state).toBe('ACTIVE');
    expect(after.nextBackupAt).not.toBeNull();
  });

  test('is too late once a key is destroyed', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    await living.clock.moveDays(7);
    await expect(
      cancelErasure(living.services, OPERATOR, vault.vaultId, erasure),
    ).rejects.toMatchObject({ code: 'TOO_LATE_TO_CANCEL' });
  });

  test('that loses the race against destruction lets the erasure go on to its end', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const erasure = await approved(living, vault);
    living.pipeline.wire({ advanceErasure: async () => undefined });
    await cancelled(living, erasure);
    await living.clock.moveDays(7);
    await advanceErasure(living.services, vault.vaultId);
    await confirmDueErasures(living.services);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ERASED');
  });
});

describe('an erasing function that runs twice at once', () => {
  test('never leaves an ACTIVE vault with keys that wait for deletion', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const { services, custody } = living;
    living.pipeline.wire({ advanceErasure: async () => undefined });
    const erasure = await approved(living, vault);
    let raced = false;
    const destruction = new Proxy(custody, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') {
          return member;
        }
        return async (...args: unknown[]) => {
          if (name === 'scheduleDeletion' && !raced) {
            raced = true;
            await cancelled(living, erasure);
            await advanceErasure(services, vault.vaultId);
          }
          return Reflect.apply(member, target, args);
        };
      },
    });
    await advanceErasure({ ...services, destruction }, vault.vaultId);
    expect(raced).toBe(true);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ACTIVE');
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
  });
});
