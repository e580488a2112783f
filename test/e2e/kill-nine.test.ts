import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiClient, type CallApi } from '../../cli/api-client.ts';
import { signerFor } from '../../cli/sign-request.ts';
import {
  COPY_BUCKETS,
  PRIMARY_REGION,
  projectAssembly,
  RESTORE_BUCKET,
  SOURCE_BUCKET,
} from '../support/deployed-installation.ts';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const BIG = Buffer.alloc(3_000_000, 'a record that takes a while ');

let directory: string;
let aws: ChildProcess;
let endpoint: string;
let operator: CallApi;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts `npm run local` over the same data directory, in a process that can be killed. */
async function start(): Promise<void> {
  const envFile = join(directory, 'environment');
  rmSync(envFile, { force: true });
  const data = join(directory, 'data');
  const assembly = await projectAssembly();
  const args = ['--port', '0', '--data', data, '--assembly', assembly, '--write-env', envFile];
  aws = spawn(process.execPath, [MAIN, ...args, '--no-schedules'], { stdio: 'ignore' });
  while (!existsSync(envFile) || !readFileSync(envFile, 'utf8').includes('HOLDFAST_API_URL')) {
    expect(aws.exitCode).toBeNull();
    await sleep(50);
  }
  const value = (name: string): string =>
    new RegExp(`${name}=(.*)`).exec(readFileSync(envFile, 'utf8'))?.[1] ?? '';
  endpoint = value('AWS_ENDPOINT_URL');
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator-secret' };
  const sign = signerFor(PRIMARY_REGION, credentials);
  operator = apiClient({ apiUrl: value('HOLDFAST_API_URL'), sign, sleep });
}

async function killNine(): Promise<void> {
  aws.kill('SIGKILL');
  await once(aws, 'exit');
}

function s3(): S3Client {
  const credentials = { accessKeyId: 'embedded', secretAccessKey: 'embedded-secret' };
  return new S3Client({ endpoint, region: PRIMARY_REGION, credentials, forcePathStyle: true });
}

async function putRecords(from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n += 1) {
    const Key = `K/${n}`;
    await s3().send(new PutObjectCommand({ Bucket: SOURCE_BUCKET, Key, Body: BIG }));
  }
}

/** Waits until a run has ended; a server that was killed goes on with it by itself. */
async function ended(vaultId: string, runId: string): Promise<string> {
  for (;;) {
    const { state } = await operator('showBackup', { params: { vaultId, runId } });
    if (state !== 'RUNNING') {
      return state;
    }
    await sleep(50);
  }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-kill-'));
  await start();
}, 120_000);

afterAll(async () => {
  await killNine();
  rmSync(directory, { recursive: true, force: true });
});

test('after a kill -9 in a backup no snapshot is lost and the run completes', async () => {
  const CreateBucketConfiguration = { LocationConstraint: PRIMARY_REGION } as const;
  for (const Bucket of [SOURCE_BUCKET, RESTORE_BUCKET]) {
    await s3().send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  }
  const client = { name: 'Somebody', reference: 'K-1' };
  const { clientId } = await operator('addClient', { params: {}, body: client });
  const source = { kind: 's3' as const, bucket: SOURCE_BUCKET, prefix: 'K/' };
  const body = { recordClass: 'books', policyId: 'consent-only', source };
  const { vaultId } = await operator('addVault', { params: { clientId }, body });
  const params = { vaultId };
  await putRecords(0, 3);
  const first = await operator('runBackup', { params, body: {} });
  expect(await ended(vaultId, first.runId)).toBe('SUCCEEDED');

  await putRecords(3, 3);
  const fault = {
    ...{ service: 's3', operation: 'PutObject', match: COPY_BUCKETS.primary },
    ...{ kill: true, dropAnswer: true },
  };
  await fetch(`${endpoint}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });
  const died = once(aws, 'exit');
  const second = await operator('runBackup', { params, body: {} });
  await died;

  await start();
  const { snapshots } = await operator('listSnapshots', { params });
  expect(snapshots.map(({ runId }) => runId)).toContain(first.runId);
  expect(await ended(vaultId, second.runId)).toBe('SUCCEEDED');
  const after = await operator('listSnapshots', { params });
  expect(after.snapshots.map(({ counts }) => counts.records)).toEqual([6, 3]);
  for (const { snapshotId } of after.snapshots) {
    const shown = await operator('showSnapshot', { params: { vaultId, snapshotId } });
    expect(shown.protection.state).toBe('protected');
  }
}, 60_000);
