import { describe, expect, test } from 'vitest';
import type { AuditEntry, Vault } from '../../shared/domain/records.ts';
import { isErasersOwn, type KeyEvent } from '../../shared/erasure/key-event.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { approved, erasureNow, requested } from '../support/erasing.ts';
import { livingInstallation, registeredVault, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const ERASER = 'arn:aws:sts::111122223333:assumed-role/holdfast-test-advance-erasures/session';

function eventOf(vault: Vault, fields: Partial<KeyEvent>): KeyEvent {
  return {
    eventId: 'e-1',
    eventName: 'DisableKey',
    eventTime: '2026-11-02T08:00:00Z',
    region: 'eu-central-1',
    keyArn: vault.keys.primary,
    actorArn: 'arn:aws:iam::111122223333:user/somebody',
    ...fields,
  };
}

async function lastEntry(living: MemoryServices, { vaultId }: Vault): Promise<AuditEntry> {
  const { audit } = await vaultNow(living, vaultId);
  return (await living.ledger.get('audit', vaultId, audit.count))?.record as AuditEntry;
}

describe('key events', () => {
  test('of a key that belongs to no vault are ignored', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/other';
    await recordKeyEvent(living.services, eventOf(vault, { keyArn }));
    expect((await vaultNow(living, vault.vaultId)).audit.count).toBe(1);
    expect(living.telemetry.measures).toEqual([]);
  });

  test('caused by somebody else are recorded and raise the alarm', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    await recordKeyEvent(living.services, eventOf(vault, {}));
    expect(living.telemetry.total('UnexpectedKeyEvent')).toBe(1);
    expect(await lastEntry(living, vault)).toMatchObject({
      action: 'key.DisableKey',
      details: { expected: false, copy: 'primary' },
    });
  });

  test('that the function could not tell any more are told with the next delivery', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const telemetry = {
      measure: () => {
        throw new Error('killed');
      },
      event: () => undefined,
    };
    const killed = recordKeyEvent({ ...living.services, telemetry }, eventOf(vault, {}));
    await expect(killed).rejects.toThrow('killed');
    await recordKeyEvent(living.services, eventOf(vault, {}));
    expect(living.telemetry.total('UnexpectedKeyEvent')).toBe(1);
    expect((await vaultNow(living, vault.vaultId)).audit.count).toBe(2);
  });

  test('caused by the erasing function in an approved erasure raise no alarm', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    await approved(living, vault);
    await recordKeyEvent(living.services, eventOf(vault, { actorArn: ERASER }));
    expect(living.telemetry.total('UnexpectedKeyEvent')).toBe(0);
    expect((await lastEntry(living, vault)).details).toMatchObject({ expected: true });
  });

  test('caused by the erasing function without an erasure raise the alarm', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    await recordKeyEvent(living.services, eventOf(vault, { actorArn: ERASER }));
    expect(living.telemetry.total('UnexpectedKeyEvent')).toBe(1);
  });

  test('of an erasure that nobody approved raise the alarm, and prove nothing', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const erasure = await requested(living, vault);
    await recordKeyEvent(living.services, eventOf(vault, { actorArn: ERASER }));
    const destroyed = { eventId: 'e-2', eventName: 'DeleteKey', actorArn: null };
    await recordKeyEvent(living.services, eventOf(vault, destroyed));
    expect(living.telemetry.total('UnexpectedKeyEvent')).toBe(2);
    expect(await erasureNow(living, erasure)).toEqual(erasure);
  });

  test('delivered twice are recorded once, and told twice', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    await recordKeyEvent(living.services, eventOf(vault, {}));
    await recordKeyEvent(living.services, eventOf(vault, {}));
    expect((await vaultNow(living, vault.vaultId)).audit.count).toBe(2);
    expect(living.telemetry.total('UnexpectedKeyEvent')).toBe(2);
  });

  test('delivered at the same moment are all recorded', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const events = ['a', 'b', 'c'].map((eventId) => eventOf(vault, { eventId }));
    await Promise.all(events.map((event) => recordKeyEvent(living.services, event)));
    expect((await vaultNow(living, vault.vaultId)).audit.count).toBe(4);
  });

  test('a DeleteKey without an erasure raises the alarm and proves nothing', async () => {
    const living = livingInstallation();
    const vault = await registeredVault(living);
    const event = eventOf(vault, { eventName: 'DeleteKey', actorArn: null });
    await recordKeyEvent(living.services, event);
    expect(living.telemetry.total('UnexpectedKeyEvent')).toBe(1);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ACTIVE');
  });
});

describe('whose event it is', () => {
  const event = (actorArn: string | null, eventName = 'EnableKey') =>
    eventOf({ keys: { primary: 'k', secondary: 'k' } } as Vault, { actorArn, eventName });

  test.each([
    [ERASER, 'EnableKey', true],
    [ERASER, 'PutKeyPolicy', false],
    ['arn:aws-cn:sts::1:assumed-role/holdfast-test-advance-erasures/x', 'DisableKey', true],
    ['arn:aws:sts::1:assumed-role/holdfast-test-advance-erasures-not/x', 'DisableKey', false],
    ['arn:aws:sts::1:assumed-role/holdfast-other-advance-erasures/x', 'DisableKey', false],
    ['arn:aws:iam::1:user/holdfast-test-advance-erasures', 'DisableKey', false],
    [null, 'DisableKey', false],
  ] as const)('%s %s: ours is %s', (actor, name, ours) => {
    expect(isErasersOwn(event(actor, name), 'test')).toBe(ours);
  });
});
