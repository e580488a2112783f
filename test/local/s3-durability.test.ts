import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf, makeBucket, type S3ForTest, startS3ForTest } from '../support/s3-for-test.ts';
import { sendRawS3 } from '../support/send-raw-s3.ts';

const SERVER = join(import.meta.dirname, '..', 'support', 'serve-s3.ts');

let s3: S3ForTest;
beforeEach(async () => {
  s3 = await startS3ForTest();
});
afterEach(() => s3.close());

function bodyFiles(): string[] {
  const bodies = join(s3.dataDirectory, 's3', 'bodies');
  return readdirSync(bodies).flatMap((shard) => readdirSync(join(bodies, shard)));
}

function incomingFiles(): string[] {
  return readdirSync(join(s3.dataDirectory, 's3', 'incoming'));
}

describe('what was acknowledged', () => {
  test('is there after a restart: objects, versions, locks and unfinished uploads', async () => {
    const Bucket = await makeBucket(s3, 'kept', 'locked');
    const lock = {
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: new Date('2027-01-01T00:00:00Z'),
    } as const;
    const Body = Buffer.alloc(700_000, 'large enough for several writes ');
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'old' }));
    const put = await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body, ...lock }));
    const { UploadId = '' } = await s3.client.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'unfinished' }),
    );
    const upload = { Bucket, Key: 'unfinished', UploadId };
    await s3.client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'part' }));

    s3 = await s3.reopen();
    const read = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect(read).toMatchObject({ ...lock, VersionId: put.VersionId, ETag: put.ETag });
    expect(Body.equals((await read.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    const { Versions } = await s3.client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toHaveLength(2);
    const { Parts } = await s3.client.send(new ListPartsCommand(upload));
    expect(Parts).toMatchObject([{ PartNumber: 1, Size: 4 }]);
    await s3.client.send(new GetObjectLockConfigurationCommand({ Bucket }));
  });
});

describe('what was acknowledged before kill -9', () => {
  test('is there afterwards, and nothing half', async () => {
    await makeBucket(s3, 'killed', 'versioned');
    const { dataDirectory } = s3;
    const child = spawn(process.execPath, [SERVER, dataDirectory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [endpoint] = (await once(createInterface(child.stdout), 'line')) as [string];
    const client = s3.clientWith({ endpoint, maxAttempts: 1 });
    const acknowledged: { Key: string; VersionId: string; size: number }[] = [];
    const write = async (worker: number): Promise<void> => {
      for (let i = 0; ; i += 1) {
        const size = (i % 7) * 150_000;
        const put = new PutObjectCommand({
          Bucket: 'killed',
          Key: `${worker}/${i % 3}`,
          Body: Buffer.alloc(size, worker),
        });
        const { VersionId = '' } = await client.send(put);
        acknowledged.push({ Key: `${worker}/${i % 3}`, VersionId, size });
        if (acknowledged.length === 30) {
          child.kill('SIGKILL');
        }
      }
    };
    await Promise.allSettled([1, 2, 3].map(write));
    await exited;
    s3 = await s3.reopen();
    expect(acknowledged.length).toBeGreaterThanOrEqual(30);
    for (const { Key, VersionId, size } of acknowledged) {
      const object = { Bucket: 'killed', Key, VersionId };
      const read = await s3.client.send(new GetObjectCommand(object));
      expect((await read.Body?.transformToByteArray())?.length).toBe(size);
    }
    const { Versions = [] } = await s3.client.send(
      new ListObjectVersionsCommand({ Bucket: 'killed' }),
    );
    expect(bodyFiles()).toHaveLength(Versions.length);
    expect(incomingFiles()).toEqual([]);
  });
});

describe('what was not acknowledged', () => {
  test('leaves no file behind after the next start', async () => {
    const Bucket = await makeBucket(s3, 'swept');
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'kept' }));
    const [kept] = bodyFiles();
    const orphan = 'ab'.repeat(16);
    writeFileSync(join(s3.dataDirectory, 's3', 'bodies', 'a', orphan), 'no metadata');
    writeFileSync(join(s3.dataDirectory, 's3', 'incoming', orphan), 'half a body');
    s3 = await s3.reopen();
    expect(bodyFiles()).toEqual([kept]);
    expect(incomingFiles()).toEqual([]);
  });

  test('is gone at once when a body is refused', async () => {
    const Bucket = await makeBucket(s3, 'refused');
    const put = new PutObjectCommand({
      Bucket,
      Key: 'k',
      Body: Buffer.alloc(600_000),
      ChecksumSHA1: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    });
    expect((await failureOf(s3.client.send(put))).code).toBe('BadDigest');
    expect([...bodyFiles(), ...incomingFiles()]).toEqual([]);
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  });

  test('an overwritten body is removed and the new one kept', async () => {
    const Bucket = await makeBucket(s3, 'overwritten');
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'one' }));
    const [first] = bodyFiles();
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'two' }));
    s3 = await s3.reopen();
    expect(bodyFiles()).toHaveLength(1);
    expect(bodyFiles()).not.toEqual([first]);
  });
});

describe('clients that go away', () => {
  test('in the middle of an upload leave no object and disturb nobody', async () => {
    const Bucket = await makeBucket(s3, 'gone');
    const signed = await sendRawS3(s3, { method: 'HEAD', path: `/${Bucket}` });
    expect(signed.status).toBe(200);
    const { port } = new URL(s3.endpoint);
    const socket = connect(Number(port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`PUT /${Bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nonly this`);
    socket.destroy();
    await closed;
    const head = s3.client.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    expect((await failureOf(head)).status).toBe(404);
  });

  test('in the middle of a download disturb nobody', async () => {
    const Bucket = await makeBucket(s3, 'download');
    const Body = Buffer.alloc(8 * 1024 * 1024);
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body }));
    const abort = new AbortController();
    const read = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'k' }), {
      abortSignal: abort.signal,
    });
    (read.Body as unknown as { destroy(): void }).destroy();
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    expect(head.ContentLength).toBe(Body.length);
  });
});
