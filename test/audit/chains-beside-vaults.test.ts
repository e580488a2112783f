import { describe, expect, test } from 'vitest';
import { createHandler as createGovern } from '../../functions/admin-govern.ts';
import { createHandler as createRegister } from '../../functions/admin-register.ts';
import { writeCheckpoint } from '../../shared/audit/write-checkpoint.ts';
import { closeClient } from '../../shared/closing/close-client.ts';
import { findBrokenLink, INSTALLATION_CHAIN } from '../../shared/domain/audit-chain.ts';
import type { AuditEntry } from '../../shared/domain/records.ts';
import { approveClientRelease } from '../../shared/holds/approve-release.ts';
import { placeClientHold } from '../../shared/holds/place-hold.ts';
import { requestClientRelease } from '../../shared/holds/request-release.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { approvePolicy } from '../../shared/policies/approve-policy.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { requireChainOwner } from '../../shared/registry/find-chain.ts';
import { registerClient } from '../../shared/registry/register-client.ts';
import { httpRequest, opened } from '../functions/http-fixture.ts';
import { holdingInstallation, LAWSUIT } from '../support/holding-world.ts';
import {
  FIVE_WEEKS,
  livingInstallation,
  OPERATOR,
  SUPERVISOR,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const LONG = { ...FIVE_WEEKS, lock: { ...FIVE_WEEKS.lock, horizonDays: 380 } };
const NAME = 'Wang & Sons, unmistakable';
const SOMEBODY = { name: NAME, reference: 'unmistakable-1' };
const THIRD = 'arn:aws:iam::111122223333:user/third';

async function entriesOf({ ledger }: MemoryServices, chainId: string): Promise<AuditEntry[]> {
  const { audit } = await requireChainOwner(ledger, chainId);
  const listed = ledger.list('audit', { chainId });
  const entries = await Array.fromAsync(listed, ({ record }) => record);
  expect(findBrokenLink(entries, audit)).toBeUndefined();
  return entries;
}

const actionsOf = async (living: MemoryServices, chainId: string) =>
  (await entriesOf(living, chainId)).map(({ actor, action, details }) => ({
    ...{ actor, action, details },
  }));

describe("the installation's audit chain", () => {
  test('has every version of a policy: who added it, and who approved it', async () => {
    const living = livingInstallation();
    await addPolicy(living.services, OPERATOR, LONG);
    await approvePolicy(living.services, SUPERVISOR, LONG.id, { version: 1 });
    const about = { policyId: LONG.id, policyVersion: 1 };
    expect(await actionsOf(living, INSTALLATION_CHAIN)).toEqual([
      { actor: OPERATOR, action: 'policy.added', details: { ...about, approval: 'awaited' } },
      { actor: SUPERVISOR, action: 'policy.approved', details: { ...about, addedBy: OPERATOR } },
    ]);
  });

  test('has the attempt to approve what one added oneself, and the request it was', async () => {
    const living = livingInstallation();
    await addPolicy(living.services, OPERATOR, LONG);
    const params = { policyId: LONG.id };
    const request = httpRequest('approvePolicy', { params, body: { version: 1 } });
    expect(opened(await createGovern(living.services)(request)).status).toBe(403);
    expect((await entriesOf(living, INSTALLATION_CHAIN)).at(-1)).toMatchObject({
      actor: OPERATOR,
      action: 'request.denied',
      result: 'denied',
      reason: 'OWN_POLICY',
      requestId: 'request-1',
      details: { route: 'approvePolicy' },
    });
  });

  test('has the beginning and the end of a rebuild, nothing of one that only looks', async () => {
    const living = holdingInstallation();
    await rebuildLedger(living.services, OPERATOR, { from: 'primary', dryRun: true });
    expect(await actionsOf(living, INSTALLATION_CHAIN)).toEqual([]);
    await rebuildLedger(living.services, OPERATOR, { from: 'secondary', dryRun: false });
    const details = { from: 'secondary' };
    expect(await actionsOf(living, INSTALLATION_CHAIN)).toEqual([
      { actor: OPERATOR, action: 'ledger.rebuild-begun', details },
      { actor: OPERATOR, action: 'ledger.rebuild-ended', details },
    ]);
  });

  test('stays whole when several write to it at once', async () => {
    const living = livingInstallation();
    const added = ['one', 'two', 'three', 'four'].map((id) =>
      addPolicy(living.services, OPERATOR, { ...FIVE_WEEKS, id }),
    );
    await Promise.all(added);
    expect(await entriesOf(living, INSTALLATION_CHAIN)).toHaveLength(4);
  });

  test('that was rewritten after it was signed is named in the next checkpoint', async () => {
    const living = livingInstallation();
    await addPolicy(living.services, OPERATOR, FIVE_WEEKS);
    await writeCheckpoint(living.services);
    await living.clock.moveDays(1);
    living.ledger.lose('audit', INSTALLATION_CHAIN, 1);
    living.ledger.lose('installation');
    expect(await writeCheckpoint(living.services)).toEqual({ chains: 1, broken: 1 });
    expect(living.telemetry.eventsNamed('audit.broken')).toEqual([
      expect.objectContaining({ chainId: INSTALLATION_CHAIN, at: 1, what: 'truncated' }),
    ]);
  });
});

describe("a client's audit chain", () => {
  test('has its registration, its holds and its closing, and never its name', async () => {
    const living = holdingInstallation();
    const { clientId } = await registerClient(living.services, OPERATOR, SOMEBODY);
    const { holdId } = await placeClientHold(living.services, OPERATOR, clientId, LAWSUIT);
    const address = { clientId, holdId };
    await requestClientRelease(living.services, SUPERVISOR, address, { reason: NAME });
    await approveClientRelease(living.services, THIRD, address);
    const closing = { event: '2026-10-31', custodian: NAME };
    await closeClient(living.services, OPERATOR, clientId, closing);
    await closeClient(living.services, OPERATOR, clientId, closing);
    const told = await actionsOf(living, clientId);
    expect(told).toEqual([
      { actor: OPERATOR, action: 'client.registered', details: {} },
      { actor: OPERATOR, action: 'hold.placed', details: { holdId, scope: 'client' } },
      { actor: SUPERVISOR, action: 'hold.release-requested', details: { holdId } },
      {
        actor: THIRD,
        action: 'hold.released',
        details: { holdId, scope: 'client', requestedBy: SUPERVISOR },
      },
      {
        actor: OPERATOR,
        action: 'client.closed',
        details: { event: '2026-10-31', hasCustodian: true },
      },
    ]);
    expect(JSON.stringify(told)).not.toMatch(/unmistakable|Wang/);
    expect(await actionsOf(living, INSTALLATION_CHAIN)).toEqual([]);
  });

  test('has what was denied about the client while it had no vault', async () => {
    const living = livingInstallation();
    const { clientId } = await registerClient(living.services, OPERATOR, SOMEBODY);
    await closeClient(living.services, OPERATOR, clientId, { event: '2026-10-31' });
    const source = { kind: 'folder' };
    const body = { recordClass: 'more', policyId: 'engagement-10y', source };
    const request = httpRequest('addVault', { params: { clientId }, body });
    const answer = opened(await createRegister(living.services)(request));
    expect(answer.body).toMatchObject({ error: 'CLIENT_CLOSED' });
    expect((await entriesOf(living, clientId)).at(-1)).toMatchObject({
      action: 'request.denied',
      reason: 'CLIENT_CLOSED',
      details: { route: 'addVault' },
    });
  });

  test('does not keep clients that are registered at once from each other', async () => {
    const living = livingInstallation();
    const references = Array.from({ length: 50 }, (_, number) => `reference-${number}`);
    const clients = await Promise.all(
      references.map((reference) =>
        registerClient(living.services, OPERATOR, { name: NAME, reference }),
      ),
    );
    for (const { clientId } of clients) {
      expect(await entriesOf(living, clientId)).toHaveLength(1);
    }
  });
});
