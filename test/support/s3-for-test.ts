import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { PlannedFaults } from '../../local/faults.ts';
import { startGateway } from '../../local/gateway/http-server.ts';
import { createIdentities } from '../../local/gateway/identities.ts';
import { createS3Service } from '../../local/s3/s3-service.ts';
import { MovableClock } from './movable-clock.ts';

/** Region of the test client and of the buckets `makeBucket` makes. */
export const TEST_REGION = 'eu-central-1';

/** The embedded S3 behind the real gateway, alone, on a clock that stands still. */
export interface S3ForTest {
  readonly endpoint: string;
  readonly dataDirectory: string;
  readonly clock: MovableClock;
  readonly client: S3Client;
  /** A client with other settings, such as another Region. */
  clientWith(config: S3ClientConfig): S3Client;
  /** Ends the server and opens a new one over the same directory. */
  reopen(): Promise<S3ForTest>;
  /** Ends the server and removes its directory. */
  close(): Promise<void>;
}

/** @param dataDirectory - default: a new one under the system's temporary directory */
export async function startS3ForTest(
  dataDirectory = mkdtempSync(join(tmpdir(), 's3-test-')),
  clock = new MovableClock(),
): Promise<S3ForTest> {
  const local = {
    now: () => clock.now(),
    offset: () => clock.now().getTime() - Date.now(),
    moveTo: (to: Date) => clock.moveTo(to),
    onMove: (listener: (from: Date, to: Date) => Promise<void>) => clock.onMove(listener),
  };
  const service = createS3Service({ dataDirectory, clock: local, accountId: '111122223333' });
  const gateway = await startGateway({
    port: 0,
    services: [service],
    credentials: createIdentities({ accountId: '111122223333', partition: 'aws' }),
    clock: local,
    faults: new PlannedFaults(),
    controlRoutes: [],
  });
  const clients: S3Client[] = [];
  const clientWith = (config: S3ClientConfig): S3Client => {
    const client = new S3Client({
      region: TEST_REGION,
      endpoint: gateway.endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId: 'operator', secretAccessKey: 'operator-secret' },
      maxAttempts: 2,
      ...config,
    });
    clients.push(client);
    return client;
  };
  const stop = async (): Promise<void> => {
    for (const client of clients) {
      client.destroy();
    }
    await gateway.stop(0);
    await service.stop();
  };
  return {
    endpoint: gateway.endpoint,
    dataDirectory,
    clock,
    client: clientWith({}),
    clientWith,
    async reopen() {
      await stop();
      return startS3ForTest(dataDirectory, clock);
    },
    async close() {
      await stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Code and HTTP status of the error a call must end with. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ code: string; status: number | undefined; message: string }> {
  try {
    await call;
  } catch (error) {
    const failure = error as Error & { $metadata?: { httpStatusCode?: number } };
    return {
      code: failure.name,
      status: failure.$metadata?.httpStatusCode,
      message: failure.message,
    };
  }
  throw new Error('the call was expected to fail');
}

/** Makes a bucket in the test Region: never versioned, versioned, or with Object Lock. */
export async function makeBucket(
  s3: S3ForTest,
  bucket: string,
  kind: 'plain' | 'versioned' | 'locked' = 'plain',
): Promise<string> {
  await s3.client.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: TEST_REGION },
      ...(kind === 'locked' ? { ObjectLockEnabledForBucket: true } : {}),
    }),
  );
  if (kind === 'versioned') {
    await s3.client.send(
      new PutBucketVersioningCommand({
        Bucket: bucket,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
  }
  return bucket;
}
