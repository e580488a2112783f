import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKeyStore } from '../../bench/bare-installation.ts';
import { countsSince, type RequestCounts } from '../../bench/embedded-aws-process.ts';
import { engineServices } from '../../bench/engine-services.ts';
import { INSTALLATION, makeInstallation } from '../../bench/installation.ts';
import { KEY_TIERS, type KeyTier } from '../../shared/domain/key-tier.ts';
import { advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import type { Services } from '../../shared/ports/services.ts';
import { type EmbeddedServices, startEmbeddedServices } from '../support/embedded-services.ts';
import { approved, erasureNow } from '../support/erasing.ts';
import { registeredVault } from '../support/living-installation.ts';
import { samplePack, sampleSnapshot } from '../support/sample-records.ts';

let embedded: EmbeddedServices;
let services: Services;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
  await makeInstallation(embedded.clients);
  await makeKeyStore(embedded.clients, INSTALLATION);
  services = engineServices(embedded.clients);
}, 60_000);
afterAll(() => embedded.stop());

/** As many as fit into one transaction of the ledger. */
const BATCH = 25;

/** @returns the requests of AWS from a complete approval to keys whose deletion is scheduled. */
async function requestsToErase(tier: KeyTier, snapshots: number): Promise<RequestCounts> {
  const { ledger, ids } = services;
  const reference = `${tier}-${snapshots}`;
  const vault = await registeredVault({ services }, { policyId: 'consent-only', reference, tier });
  const { vaultId } = vault;
  for (let made = 0; made < snapshots; made += BATCH) {
    const records = Array.from({ length: Math.min(BATCH, snapshots - made) }, () => ids.next());
    const each = records.flatMap((id) => [sampleSnapshot(vaultId, id), samplePack(vaultId, id)]);
    await ledger.write(each.map((record) => ({ record, expect: 'absent' })));
  }
  const erasure = await approved({ services }, vault);
  expect(erasure).toMatchObject({ state: 'APPROVED', plan: { packs: snapshots, snapshots } });
  const before = embedded.requests.all();
  await advanceErasure(services, vaultId);
  const requests = countsSince(before, embedded.requests.all());
  expect((await erasureNow({ ledger }, erasure)).state).toBe('SCHEDULED');
  return requests;
}

test.each(KEY_TIERS)(
  'AWS is asked as often to end one snapshot as to end many, tier %s',
  async (tier) => {
    const one = await requestsToErase(tier, 1);
    expect(await requestsToErase(tier, 75)).toEqual(one);
    const kinds = Object.keys(one).map((kind) => kind.split(' ').slice(0, 2).join(' '));
    expect(kinds.filter((kind) => kind.startsWith('s3'))).toEqual([]);
    console.info(`${tier}: ${JSON.stringify(one)}`);
  },
);
