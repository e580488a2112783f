/**
 * Takes vaults of one tier through their life, one after the other, and prints what each step took
 * as JSON: the process whose CPU is measured. Its arguments are the tier, the number of
 * vaults and the embedded AWS's endpoint.
 */
import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { installShiftedDate } from '../local/lambda/shifted-date.ts';
import { requestErasureBody } from '../shared/admin-api/messages.ts';
import { awsClients } from '../shared/aws/aws-clients.ts';
import { requestBackup } from '../shared/backup/request-backup.ts';
import { runBackup } from '../shared/backup/run-backup.ts';
import { functionRole } from '../shared/config/function-roles.ts';
import { COPY_NAMES } from '../shared/domain/copy-name.ts';
import type { KeyTier } from '../shared/domain/key-tier.ts';
import type { Snapshot, Vault } from '../shared/domain/records.ts';
import { advanceDueErasures, advanceErasure } from '../shared/erasure/advance-erasure.ts';
import { approveErasure } from '../shared/erasure/approve-erasure.ts';
import { confirmDueErasures } from '../shared/erasure/confirm-erasure.ts';
import { recordKeyEvent } from '../shared/erasure/record-key-event.ts';
import { requestErasure } from '../shared/erasure/request-erasure.ts';
import { requireVault } from '../shared/registry/find-vault.ts';
import { registerClient } from '../shared/registry/register-client.ts';
import { registerVault } from '../shared/registry/register-vault.ts';
import { planFor } from '../shared/restore/restore-plan.ts';
import { restoreSnapshot } from '../shared/restore/restore-snapshot.ts';
import { countsSince, type RequestCounts } from './embedded-aws-process.ts';
import { engineServices } from './engine-services.ts';
import { INSTALLATION, PLAIN_BUCKET } from './installation.ts';
import { KEY_STEPS, type KeyStep, type KeysAnswer, type StepCost } from './key-steps.ts';
import { meteredClients } from './metered-clients.ts';

/** Ten records of 2 KiB: one pack, one part of a manifest, one seal. */
const RECORDS = 10;
const RECORD = Buffer.alloc(2048, 'client record ');

/** Longer than the 7 days that `consent-only` waits. */
const PAST_WINDOW_DAYS = 8;
const DAY_MS = 86_400_000;

const [, , tierText = '', countText = '', endpoint = ''] = process.argv;
const tier = tierText as KeyTier;
const { clients, units } = meteredClients(awsClients());
/** Followed by this process's own time, and by the signatures of its requests. */
const passedMs = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
installShiftedDate(passedMs);
const services = engineServices(clients);
const region = INSTALLATION.regions.primary;
const owner = await registerClient(services, 'operator', { name: 'Bench', reference: tier });
const numbers = Array.from({ length: Number(countText) }, (_, number) => number);
const vaults: Vault[] = [];
const snapshots = new Map<string, Snapshot>();

for (const number of numbers) {
  for (let record = 0; record < RECORDS; record += 1) {
    const Key = `${prefixOf(number)}${record}`;
    const put = new PutObjectCommand({ Bucket: PLAIN_BUCKET, Key, Body: RECORD });
    await clients.s3(region).send(put);
  }
}

const WORK: Readonly<Record<KeyStep, () => Promise<unknown>>> = {
  register: async () => {
    for (const number of numbers) {
      vaults.push(await register(number));
    }
  },
  backup: () => forEach(backUp),
  restore: () => forEach(restore),
  suspend: () => forEach(suspend),
  wait: () => advanceDueErasures(services),
  destroy: async () => {
    await forEach((vault) => deliver(vault, 'DeleteKey'));
    await advanceDueErasures(services);
    await confirmDueErasures(services);
  },
};

const costs = new Map<KeyStep, StepCost>();
for (const step of KEY_STEPS) {
  if (step === 'destroy') {
    await moveClock(PAST_WINDOW_DAYS);
  }
  costs.set(step, await measure(WORK[step]));
}
let erased = 0;
await forEach(async ({ vaultId }) => {
  erased += (await requireVault(services.ledger, vaultId)).record.state === 'ERASED' ? 1 : 0;
});
const steps = Object.fromEntries(costs) as Record<KeyStep, StepCost>;
process.stdout.write(`${JSON.stringify({ steps, erased } satisfies KeysAnswer)}\n`);

async function measure(work: () => Promise<unknown>): Promise<StepCost> {
  const unitsBefore = { ...units };
  const callsBefore = await countRequests();
  const startedAt = performance.now();
  const cpuAtStart = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpuAtStart);
  const wall = (performance.now() - startedAt) / 1000;
  return {
    calls: countsSince(callsBefore, await countRequests()),
    units: countsSince(unitsBefore, units),
    wall,
    cpu: (user + system) / 1e6,
  };
}

async function forEach(work: (vault: Vault) => Promise<unknown>): Promise<void> {
  for (const vault of vaults) {
    await work(vault);
  }
}

function prefixOf(number: number): string {
  return `${tier}/${number}/`;
}

function register(number: number): Promise<Vault> {
  return registerVault(services, 'operator', owner.clientId, {
    recordClass: `class-${number}`,
    policyId: 'consent-only',
    tier,
    source: { kind: 's3', bucket: PLAIN_BUCKET, prefix: prefixOf(number), region },
  });
}

async function backUp({ vaultId }: Vault): Promise<void> {
  const { runId } = await requestBackup(services, 'operator', vaultId);
  snapshots.set(vaultId, await runBackup(services, { vaultId, runId }));
}

async function restore(vault: Vault): Promise<void> {
  const snapshot = snapshots.get(vault.vaultId);
  if (snapshot === undefined) {
    throw new Error('There is no backup to restore.');
  }
  const prefix = `restored/${vault.vaultId}/`;
  const target = services.openS3Target({ bucket: PLAIN_BUCKET, region, prefix });
  const wish = { patterns: [], from: 'any' as const, target, overwrite: false };
  await restoreSnapshot(services, planFor(vault, snapshot), wish);
}

async function suspend(vault: Vault): Promise<void> {
  const { vaultId } = vault;
  const body = requestErasureBody.parse({ reason: 'consent withdrawn', contractEnded: true });
  const { erasureId, plan } = await requestErasure(services, 'operator', vaultId, body);
  await approveErasure(services, 'supervisor', vaultId, { erasureId, planHash: plan.hash });
  await advanceErasure(services, vaultId);
  await deliver(vault, 'DisableKey');
  await deliver(vault, 'ScheduleKeyDeletion');
}

/**
 * What CloudTrail says of a vault's two keys, as the recording function gets it. The embedded AWS
 * without stacks has no rules that would bring it. Of branch keys nothing is said.
 */
async function deliver({ keys }: Vault, eventName: string): Promise<void> {
  if (tier === 'shared-root') {
    return;
  }
  const role = functionRole(INSTALLATION.name, 'advance-erasures');
  for (const copy of COPY_NAMES) {
    await recordKeyEvent(services, {
      eventId: randomUUID(),
      eventName,
      eventTime: services.clock.now().toISOString(),
      region: INSTALLATION.regions[copy],
      keyArn: keys[copy],
      actorArn:
        eventName === 'DeleteKey' ? null : `arn:aws:sts::000000000000:assumed-role/${role}/bench`,
    });
  }
}

async function moveClock(days: number): Promise<void> {
  const answer = await fetch(`${endpoint}/_local/clock`, { method: 'POST', body: `P${days}D` });
  if (!answer.ok) {
    throw new Error(`The clock was not moved: ${await answer.text()}`);
  }
  Atomics.add(new BigInt64Array(passedMs), 0, BigInt(days * DAY_MS));
}

async function countRequests(): Promise<RequestCounts> {
  const answer = await fetch(`${endpoint}/_local/requests`);
  return ((await answer.json()) as { requests: RequestCounts }).requests;
}
