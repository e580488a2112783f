import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import type { InstallationAnswer } from '../../shared/admin-api/installation-answer.ts';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import { apiClient, type CallApi } from '../api-client.ts';
import { signerFor } from '../sign-request.ts';
import type { EmbeddedAwsProcess } from './embedded-aws-process.ts';
import type { DemoClient, DemoFile } from './generate-records.ts';
import type { Proofs } from './proofs.ts';

/** Buckets the firm itself owns: where its records lie, and where it wants them restored. */
export const SOURCE_BUCKET = 'client-records';
export const RESTORE_BUCKET = 'restored-records';

/** One registered client of the story with all its records as they should be. */
export interface Registered {
  readonly client: DemoClient;
  readonly clientId: string;
  readonly vaultId: string;
  /** What the source holds now, by path. */
  readonly files: Map<string, DemoFile>;
}

/** Everything the chapters share. */
export interface DemoWorld {
  readonly aws: EmbeddedAwsProcess;
  readonly proofs: Proofs;
  /** The admin API as two different people. */
  readonly operator: CallApi;
  readonly supervisor: CallApi;
  /** Clients of the account's root user: nobody may do more. */
  s3(region: string): S3Client;
  kms(region: string): KMSClient;
  readonly region: string;
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const RETRY_ONCE = 2;

/** Connects to a running embedded AWS. */
export function demoWorld(aws: EmbeddedAwsProcess, proofs: Proofs): DemoWorld {
  const { environment, endpoint } = aws;
  const region = environment.AWS_REGION ?? '';
  const keysOf = (name: string) => ({ accessKeyId: name, secretAccessKey: `${name}-secret` });
  const apiUrl = environment.HOLDFAST_API_URL ?? '';
  const apiAs = (name: string): CallApi =>
    apiClient({ apiUrl, sign: signerFor(region, keysOf(name)), sleep });
  const options = { endpoint, credentials: keysOf('embedded'), maxAttempts: RETRY_ONCE };
  return {
    aws,
    proofs,
    region,
    operator: apiAs('operator'),
    supervisor: apiAs('supervisor'),
    s3: (name) => new S3Client({ ...options, region: name, forcePathStyle: true }),
    kms: (name) => new KMSClient({ ...options, region: name }),
  };
}

/** Bucket and Region of one copy. */
export function copyOf(
  { buckets, regions }: InstallationAnswer,
  name: CopyName,
): { bucket: string; region: string } {
  return { bucket: buckets[name], region: regions[name] };
}

/** Runs `work` over all items, a few at a time. */
export async function forEachOf<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items].reverse();
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

const POLL_MS = 100;
const PATIENCE_MS = 120_000;

/** Asks until `done` accepts the answer. @throws Error after two minutes. */
export async function waitFor<Answer>(
  ask: () => Promise<Answer>,
  done: (answer: Answer) => boolean,
  what: string,
): Promise<Answer> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (done(answer)) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what} did not end within two minutes.`);
    }
    await sleep(POLL_MS);
  }
}
