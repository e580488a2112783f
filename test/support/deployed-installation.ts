import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { apiClient, type CallApi } from '../../cli/api-client.ts';
import { signerFor } from '../../cli/sign-request.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded-aws.ts';
import { synthesizeApp } from '../../local/synthesize-app.ts';
import type { RunAnswer, SnapshotAnswer } from '../../shared/admin-api/answers.ts';
import type { KeyTier } from '../../shared/domain/key-tier.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SETTINGS = join(PROJECT, 'local/embedded-installation.json');
const POLL_MS = 25;

/** The firm's own buckets, as `local/embedded-installation.json` names them. */
export const SOURCE_BUCKET = 'client-records';
export const RESTORE_BUCKET = 'restored-records';
export const PRIMARY_REGION = 'eu-central-1';
export const SECONDARY_REGION = 'eu-west-1';
export const COPY_BUCKETS = {
  primary: `holdfast-local-000000000000-primary-${PRIMARY_REGION}`,
  secondary: `holdfast-local-000000000000-secondary-${SECONDARY_REGION}`,
};

/**
 * The whole system: real templates, real functions, real SDK, on an embedded AWS in this process.
 */
export interface DeployedInstallation {
  readonly aws: EmbeddedAws;
  readonly dataDirectory: string;
  readonly operator: CallApi;
  readonly supervisor: CallApi;
  s3(region?: string): S3Client;
  /** Registers a client and a vault over the prefix `<reference>/` of the source bucket. */
  addVault(reference: string, policyId?: string, tier?: KeyTier): Promise<string>;
  putRecord(key: string, body: string | Buffer): Promise<void>;
  /** Starts a backup and waits for its end, whatever it is. */
  runBackup(vaultId: string): Promise<RunAnswer>;
  /** Backs up and returns the new snapshot. @throws Error when the run failed. */
  snapshot(vaultId: string): Promise<SnapshotAnswer>;
  /** Restores the newest snapshot to a prefix and waits. @returns the state it ended in. */
  restore(vaultId: string, prefix: string, from?: 'primary' | 'secondary'): Promise<string>;
  close(): Promise<void>;
}

/** @returns the synthesized app, made once per state of the sources and of these settings. */
export function projectAssembly(settingsFile = SETTINGS): Promise<string> {
  return synthesizeApp({
    projectDirectory: PROJECT,
    settingsFile,
    cacheDirectory: join(PROJECT, '.holdfast/assemblies'),
  });
}

/**
 * Starts it with empty firm buckets and schedules that fire only by hand or a moved clock.
 * @param settings - other than those of the embedded installation.
 */
export async function deployInstallation(
  settings: Readonly<Record<string, unknown>> = {},
): Promise<DeployedInstallation> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  const settingsFile = join(dataDirectory, 'settings.json');
  const usual = JSON.parse(readFileSync(SETTINGS, 'utf8'));
  writeFileSync(settingsFile, JSON.stringify({ ...usual, ...settings }));
  const isUsual = Object.keys(settings).length === 0;
  const assembly = await projectAssembly(isUsual ? SETTINGS : settingsFile);
  const aws = await startEmbeddedAws({ port: 0, dataDirectory, assembly, schedules: false });
  const installation = connect(aws, dataDirectory);
  for (const Bucket of [SOURCE_BUCKET, RESTORE_BUCKET]) {
    const CreateBucketConfiguration = { LocationConstraint: PRIMARY_REGION } as const;
    await installation.s3().send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  }
  return installation;
}

function connect(aws: EmbeddedAws, dataDirectory: string): DeployedInstallation {
  const keysOf = (name: string) => ({ accessKeyId: name, secretAccessKey: `${name}-secret` });
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const callAs = (name: string): CallApi =>
    apiClient({
      apiUrl: aws.apiUrl ?? '',
      sign: signerFor(PRIMARY_REGION, keysOf(name)),
      sleep,
    });
  const operator = callAs('operator');
  const credentials = keysOf('embedded');
  const s3 = (region = PRIMARY_REGION): S3Client =>
    new S3Client({ endpoint: aws.endpoint, region, credentials, forcePathStyle: true });
  const untilEnded = async <A extends { state: string }>(ask: () => Promise<A>): Promise<A> => {
    for (;;) {
      const answer = await ask();
      if (answer.state !== 'RUNNING') {
        return answer;
      }
      await sleep(POLL_MS);
    }
  };
  const runBackup = async (vaultId: string): Promise<RunAnswer> => {
    const { runId } = await operator('runBackup', { params: { vaultId }, body: {} });
    return untilEnded(() => operator('showBackup', { params: { vaultId, runId } }));
  };
  return {
    aws,
    dataDirectory,
    operator,
    supervisor: callAs('supervisor'),
    s3,
    async addVault(reference, policyId = 'consent-only', tier = 'dedicated') {
      const client = { name: `Client ${reference}`, reference };
      const { clientId } = await operator('addClient', { params: {}, body: client });
      const source = { kind: 's3' as const, bucket: SOURCE_BUCKET, prefix: `${reference}/` };
      const body = { recordClass: 'books', policyId, tier, source };
      return (await operator('addVault', { params: { clientId }, body })).vaultId;
    },
    async putRecord(Key, Body) {
      await s3().send(new PutObjectCommand({ Bucket: SOURCE_BUCKET, Key, Body }));
    },
    runBackup,
    async snapshot(vaultId) {
      const run = await runBackup(vaultId);
      if (run.state !== 'SUCCEEDED') {
        throw new Error(`the backup ended ${run.state}: ${run.failure}`);
      }
      const { snapshots } = await operator('listSnapshots', { params: { vaultId } });
      return snapshots.find(({ snapshotId }) => snapshotId === run.snapshotId) as SnapshotAnswer;
    },
    async restore(vaultId, prefix, from) {
      const target = { kind: 's3' as const, bucket: RESTORE_BUCKET, prefix };
      const body = { target, ...(from === undefined ? {} : { from }) };
      const { restore } = await operator('requestRestore', { params: { vaultId }, body });
      const { restoreId } = restore;
      const ended = await untilEnded(() =>
        operator('showRestore', { params: { vaultId, restoreId } }),
      );
      return ended.failure ?? ended.state;
    },
    async close() {
      await aws.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
