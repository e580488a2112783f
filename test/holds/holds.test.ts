import { describe, expect, test } from 'vitest';
import type { ClientHold } from '../../shared/domain/hold-records.ts';
import { applyHolds } from '../../shared/holds/apply-holds.ts';
import { approveClientRelease, approveRelease } from '../../shared/holds/approve-release.ts';
import { placeClientHold, placeHold } from '../../shared/holds/place-hold.ts';
import { requestClientRelease, requestRelease } from '../../shared/holds/request-release.ts';
import { spreadClientHold } from '../../shared/holds/spread-client-hold.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { expireSnapshot } from '../../shared/retention/expire-snapshot.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { holdingInstallation, LAWSUIT, release } from '../support/holding-world.ts';
import { interrupted, writes } from '../support/interrupted-services.ts';
import { OPERATOR, registeredVault, SUPERVISOR, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const THIRD = 'arn:aws:iam::111122223333:user/second-supervisor';
const CLOSED = { reason: 'case closed' };

async function secondVault({ services }: Pick<MemoryServices, 'services'>, clientId: string) {
  const source = { kind: 'folder' } as const;
  const body = { recordClass: 'books', policyId: 'consent-only', source };
  return registerVault(services, OPERATOR, clientId, body);
}

/** Releases a hold on a client: the operator asks, the supervisor approves. */
async function releaseAll({ services }: MemoryServices, hold: ClientHold): Promise<void> {
  await requestClientRelease(services, OPERATOR, hold, CLOSED);
  await approveClientRelease(services, SUPERVISOR, hold);
}

async function actionsOf({ ledger }: MemoryServices, vaultId: string): Promise<string[]> {
  const entries = await Array.fromAsync(ledger.list('audit', { chainId: vaultId }));
  return entries.map(({ record }) => record.action);
}

describe('holds', () => {
  test('are counted, so that several can be in force at once', async () => {
    const living = holdingInstallation();
    const { vaultId } = await registeredVault(living);
    const first = await placeHold(living.services, OPERATOR, vaultId, LAWSUIT);
    await placeHold(living.services, SUPERVISOR, vaultId, LAWSUIT);
    expect((await vaultNow(living, vaultId)).holds).toBe(2);
    await release(living, first);
    expect((await vaultNow(living, vaultId)).holds).toBe(1);
  });

  test('placed at the same moment are all counted', async () => {
    const living = holdingInstallation();
    const { vaultId } = await registeredVault(living);
    const { services } = living;
    await Promise.all([1, 2, 3].map(() => placeHold(services, OPERATOR, vaultId, LAWSUIT)));
    expect((await vaultNow(living, vaultId)).holds).toBe(3);
  });

  test('on a snapshot need one that exists', async () => {
    const living = holdingInstallation();
    const { vaultId } = await registeredVault(living);
    const body = { ...LAWSUIT, snapshotId: vaultId };
    await expect(placeHold(living.services, OPERATOR, vaultId, body)).rejects.toMatchObject({
      code: 'SNAPSHOT_UNKNOWN',
    });
    expect((await vaultNow(living, vaultId)).holds).toBe(0);
  });
});

const readsSnapshot = (method: string, [kind]: readonly unknown[]): boolean =>
  method === 'get' && kind === 'snapshot';

describe('a hold on a snapshot that expires in the same moment', () => {
  test.each([
    ['after it is read', 'after', readsSnapshot],
    ['before the hold is written', 'before', writes('hold')],
  ] as const)('is refused when it expires just %s', async (_moment, when, isThen) => {
    const living = holdingInstallation();
    const vault = await registeredVault(living, { policyId: 'consent-only' });
    const source = sourceOf(living, vault);
    source.put('a.txt', 'first');
    const first = await backUp(living, vault);
    source.put('a.txt', 'second');
    await backUp(living, vault);
    await living.clock.moveDays(60);
    const racing = interrupted(living, isThen, when, () => expireSnapshot(living.services, first));
    const body = { ...LAWSUIT, snapshotId: first.snapshotId };
    await expect(placeHold(racing, OPERATOR, vault.vaultId, body)).rejects.toMatchObject({
      code: 'SNAPSHOT_EXPIRED',
    });
    expect((await vaultNow(living, vault.vaultId)).holds).toBe(0);
  });
});

describe('the release of a hold', () => {
  test('is asked for by one person and approved by another', async () => {
    const living = holdingInstallation();
    const { vaultId } = await registeredVault(living);
    const hold = await placeHold(living.services, OPERATOR, vaultId, LAWSUIT);
    const asked = await requestRelease(living.services, OPERATOR, hold, CLOSED);
    expect(asked).toMatchObject({ releasedAt: null, releaseRequest: { by: OPERATOR, ...CLOSED } });
    expect((await vaultNow(living, vaultId)).holds).toBe(1);
    const released = await approveRelease(living.services, SUPERVISOR, hold);
    expect(released).toMatchObject({ releasedBy: SUPERVISOR, placedBy: OPERATOR });
    expect((await vaultNow(living, vaultId)).holds).toBe(0);
    expect(await actionsOf(living, vaultId)).toEqual([
      'vault.registered',
      'hold.placed',
      'hold.applied',
      'hold.release-requested',
      'hold.released',
      'hold.lifted',
    ]);
  });

  test.each([
    ['who placed it', OPERATOR, SUPERVISOR, OPERATOR],
    ['who asked for it', OPERATOR, SUPERVISOR, SUPERVISOR],
  ])('is not approved by %s', async (_who, placer, asker, approver) => {
    const living = holdingInstallation();
    const { vaultId } = await registeredVault(living);
    const hold = await placeHold(living.services, placer, vaultId, LAWSUIT);
    await requestRelease(living.services, asker, hold, CLOSED);
    await expect(approveRelease(living.services, approver, hold)).rejects.toMatchObject({
      code: 'OWN_HOLD',
    });
    await approveRelease(living.services, THIRD, hold);
    expect((await vaultNow(living, vaultId)).holds).toBe(0);
  });

  test('is not approved before anyone has asked', async () => {
    const living = holdingInstallation();
    const { vaultId } = await registeredVault(living);
    const hold = await placeHold(living.services, OPERATOR, vaultId, LAWSUIT);
    await expect(approveRelease(living.services, SUPERVISOR, hold)).rejects.toMatchObject({
      code: 'RELEASE_NOT_REQUESTED',
    });
  });

  test('happens once', async () => {
    const living = holdingInstallation();
    const { vaultId } = await registeredVault(living);
    const hold = await placeHold(living.services, OPERATOR, vaultId, LAWSUIT);
    await release(living, hold);
    const code = 'HOLD_UNKNOWN';
    await expect(requestRelease(living.services, OPERATOR, hold, CLOSED)).rejects.toMatchObject({
      code,
    });
    await expect(approveRelease(living.services, THIRD, hold)).rejects.toMatchObject({ code });
    expect((await vaultNow(living, vaultId)).holds).toBe(0);
  });
});

describe('a hold on a client', () => {
  test('holds every vault it has, and every one registered later', async () => {
    const living = holdingInstallation();
    const first = await registeredVault(living);
    const { clientId } = first;
    const { holdId } = await placeClientHold(living.services, OPERATOR, clientId, LAWSUIT);
    const later = await secondVault(living, clientId);
    for (const { vaultId } of [first, later]) {
      expect((await vaultNow(living, vaultId)).holds).toBe(1);
      expect((await living.ledger.get('hold', vaultId, holdId))?.record).toMatchObject({
        scope: { kind: 'client' },
        reference: LAWSUIT.reference,
      });
    }
  });

  test('is released in all of them at once, by two people', async () => {
    const living = holdingInstallation();
    const first = await registeredVault(living);
    const { clientId } = first;
    const hold = await placeClientHold(living.services, OPERATOR, clientId, LAWSUIT);
    const later = await secondVault(living, clientId);
    await requestClientRelease(living.services, OPERATOR, hold, CLOSED);
    await expect(approveClientRelease(living.services, OPERATOR, hold)).rejects.toMatchObject({
      code: 'OWN_HOLD',
    });
    await approveClientRelease(living.services, SUPERVISOR, hold);
    for (const { vaultId } of [first, later]) {
      expect((await vaultNow(living, vaultId)).holds).toBe(0);
    }
  });

  test('is not released in one vault alone', async () => {
    const living = holdingInstallation();
    const { clientId, vaultId } = await registeredVault(living);
    const { holdId } = await placeClientHold(living.services, OPERATOR, clientId, LAWSUIT);
    const address = { vaultId, holdId };
    await expect(requestRelease(living.services, OPERATOR, address, CLOSED)).rejects.toMatchObject({
      code: 'HOLD_ON_CLIENT',
    });
  });

  test('that broke off between two vaults is completed by the hourly pass', async () => {
    const living = holdingInstallation();
    const { clientId, vaultId } = await registeredVault(living);
    const { holdId } = await placeClientHold(living.services, OPERATOR, clientId, LAWSUIT);
    const stored = await living.ledger.get('client-hold', clientId, holdId);
    const other = { ...stored?.record, holdId: living.ids.next() } as NonNullable<
      typeof stored
    >['record'];
    await living.ledger.write([{ record: other, expect: 'absent' }]);
    expect((await vaultNow(living, vaultId)).holds).toBe(1);
    await applyHolds(living.services);
    expect((await vaultNow(living, vaultId)).holds).toBe(2);
    await applyHolds(living.services);
    expect((await vaultNow(living, vaultId)).holds).toBe(2);
  });

  test('that is released while a vault is registered does not stay on that vault', async () => {
    const living = holdingInstallation();
    const { clientId } = await registeredVault(living);
    const hold = await placeClientHold(living.services, OPERATOR, clientId, LAWSUIT);
    const racing = interrupted(living, writes('vault'), 'before', () => releaseAll(living, hold));
    const later = await secondVault({ services: racing }, clientId);
    expect(later.holds).toBe(0);
    expect(await Array.fromAsync(living.ledger.list('hold', { vaultId: later.vaultId }))).toEqual(
      [],
    );
  });

  test('that is placed while a vault is registered is on that vault', async () => {
    const living = holdingInstallation();
    const { clientId } = await registeredVault(living);
    const racing = interrupted(living, writes('vault'), 'before', () =>
      placeClientHold(living.services, OPERATOR, clientId, LAWSUIT),
    );
    expect((await secondVault({ services: racing }, clientId)).holds).toBe(1);
  });

  test('that is released while it spreads is nowhere in force', async () => {
    const living = holdingInstallation();
    const { clientId, vaultId } = await registeredVault(living);
    const hold = await placeClientHold(living.services, OPERATOR, clientId, LAWSUIT);
    // A hold of which this vault has not heard yet.
    const unheard = { ...hold, holdId: living.ids.next() };
    await living.ledger.write([{ record: unheard, expect: 'absent' }]);
    const racing = interrupted(living, writes('hold'), 'before', () => releaseAll(living, unheard));
    await spreadClientHold(racing, unheard);
    await applyHolds(living.services);
    expect(await living.ledger.get('hold', vaultId, unheard.holdId)).toBeUndefined();
    expect((await vaultNow(living, vaultId)).holds).toBe(1);
  });
});
