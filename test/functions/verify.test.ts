import { expect, test } from 'vitest';
import { createHandler as createQuery } from '../../functions/admin-query.ts';
import { createHandler as createVerify } from '../../functions/admin-verify.ts';
import { verificationEvent } from '../../functions/events/worker-handler.ts';
import { createHandler as verifyShare } from '../../functions/verify-share.ts';
import { createHandler as verifySnapshot } from '../../functions/verify-snapshot.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';
import { httpRequest, opened } from './http-fixture.ts';

/** A context whose time is over from the start. */
const LATE = { getRemainingTimeInMillis: () => 1_000 };

async function setup() {
  const world = livingInstallation();
  const { services, pipeline } = world;
  pipeline.wire({
    verification: async (vaultId, verificationId) => {
      await verifySnapshot(services)({ vaultId, verificationId });
    },
  });
  const vault = await registeredVault(world);
  sourceOf(world, vault).put('a.txt', 'one record');
  const { snapshotId } = await backUp(world, vault);
  const params = { vaultId: vault.vaultId, snapshotId };
  return { world, services, params };
}

test('a verification is asked for, runs by itself, and can be followed to its end', async () => {
  const { services, params } = await setup();
  const request = httpRequest('requestVerification', { params, body: { depth: 'deep' } });
  const { status, body } = opened(await createVerify(services)(request));
  expect(status).toBe(200);
  const ids = { ...params, verificationId: body.verificationId };
  const query = createQuery(services);
  const shown = opened(await query(httpRequest('showVerification', { params: ids })));
  expect(shown.body).toMatchObject({ state: 'SUCCEEDED', depth: 'deep', findings: [] });
});

test('a verification of another snapshot is not shown', async () => {
  const { services, params } = await setup();
  const request = httpRequest('requestVerification', { params, body: {} });
  const { body } = opened(await createVerify(services)(request));
  expect(body).toMatchObject({ depth: 'quick' });
  const ids = { ...params, snapshotId: params.vaultId, verificationId: body.verificationId };
  const shown = opened(
    await createQuery(services)(httpRequest('showVerification', { params: ids })),
  );
  expect(shown).toMatchObject({ status: 404, body: { error: 'VERIFICATION_UNKNOWN' } });
});

test('the daily share answers what it read; vault show says since when', async () => {
  const { world, services, params } = await setup();
  const query = createQuery(services);
  const show = httpRequest('showVault', { params: { vaultId: params.vaultId } });
  expect(opened(await query(show)).body.verified).toBeNull();
  expect(await verifyShare(services)({})).toMatchObject({ vaults: 1, oldestDays: 0 });
  expect(opened(await query(show)).body.verified).toMatchObject({
    at: world.clock.now().toISOString(),
    copies: { primary: { damaged: 0 }, secondary: { damaged: 0 } },
  });
});

test('the daily share stops before Lambda would stop it', async () => {
  const { services } = await setup();
  expect(await verifyShare(services)({}, LATE)).toMatchObject({ oldestDays: null, objects: 0 });
});

test('the event of a verification names vault and verification', () => {
  const id = '01KB1T8R9ZJ4Y6V3N5M2X9W0RC';
  const event = { vaultId: id, verificationId: id };
  expect(verificationEvent.parse(event)).toEqual(event);
  expect(verificationEvent.safeParse({ vaultId: id }).success).toBe(false);
});
