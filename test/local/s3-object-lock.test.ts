import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, makeBucket, type S3ForTest, startS3ForTest } from '../support/s3-for-test.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const PROTECTED = {
  code: 'AccessDenied',
  status: 403,
  message: 'Access Denied because object protected by object lock.',
};

let s3: S3ForTest;
let Bucket: string;
beforeAll(async () => {
  s3 = await startS3ForTest();
  Bucket = await makeBucket(s3, 'locked', 'locked');
});
afterAll(() => s3.close());

function inDays(days: number): Date {
  return new Date(s3.clock.now().getTime() + days * DAY_MS);
}

async function put(Key: string, lock: Partial<PutObjectCommandInput>): Promise<string> {
  const answer = await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...lock }));
  return answer.VersionId as string;
}

function remove(Key: string, VersionId: string, BypassGovernanceRetention = false) {
  return s3.client.send(
    new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention }),
  );
}

function retain(
  Key: string,
  Retention: { Mode?: 'GOVERNANCE' | 'COMPLIANCE'; RetainUntilDate?: Date },
  BypassGovernanceRetention = false,
) {
  return s3.client.send(
    new PutObjectRetentionCommand({ Bucket, Key, Retention, BypassGovernanceRetention }),
  );
}

describe('locked versions', () => {
  test('COMPLIANCE holds against everybody until the clock passes its date', async () => {
    const VersionId = await put('compliance', {
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: inDays(2),
    });
    expect(await failureOf(remove('compliance', VersionId))).toEqual(PROTECTED);
    expect(await failureOf(remove('compliance', VersionId, true))).toEqual(PROTECTED);
    await s3.clock.moveDays(1.9);
    expect(await failureOf(remove('compliance', VersionId))).toEqual(PROTECTED);
    await s3.clock.moveDays(0.2);
    await remove('compliance', VersionId);
    const gone = await failureOf(
      s3.client.send(new HeadObjectCommand({ Bucket, Key: 'compliance', VersionId })),
    );
    expect(gone.status).toBe(404);
  });

  test('GOVERNANCE yields to the bypass header only', async () => {
    const VersionId = await put('governance', {
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: inDays(2),
    });
    expect(await failureOf(remove('governance', VersionId))).toEqual(PROTECTED);
    await remove('governance', VersionId, true);
  });

  test('a legal hold protects without a date and against the bypass', async () => {
    const VersionId = await put('held', { ObjectLockLegalHoldStatus: 'ON' });
    expect(await failureOf(remove('held', VersionId, true))).toEqual(PROTECTED);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'held' }));
    expect(head.ObjectLockLegalHoldStatus).toBe('ON');
    const LegalHold = { Status: 'OFF' } as const;
    await s3.client.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'held', LegalHold }));
    const hold = await s3.client.send(new GetObjectLegalHoldCommand({ Bucket, Key: 'held' }));
    expect(hold.LegalHold?.Status).toBe('OFF');
    await remove('held', VersionId);
  });

  test('a lock stops neither new versions nor delete markers', async () => {
    const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(2) } as const;
    const first = await put('covered', lock);
    await put('covered', {});
    const marker = await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'covered' }));
    expect(marker.DeleteMarker).toBe(true);
    await remove('covered', marker.VersionId as string);
    const head = await s3.client.send(
      new HeadObjectCommand({ Bucket, Key: 'covered', VersionId: first }),
    );
    expect(head).toMatchObject(lock);
  });

  test('DeleteObjects reports locked versions and deletes the others', async () => {
    const free = await put('free', {});
    const locked = await put('tied', {
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: inDays(2),
    });
    const answer = await s3.client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: {
          Objects: [
            { Key: 'free', VersionId: free },
            { Key: 'tied', VersionId: locked },
          ],
        },
      }),
    );
    expect(answer.Deleted).toMatchObject([{ Key: 'free', VersionId: free }]);
    expect(answer.Errors).toMatchObject([
      { Key: 'tied', VersionId: locked, Code: 'AccessDenied', Message: PROTECTED.message },
    ]);
  });
});

describe('changing a retention', () => {
  test('COMPLIANCE is extended, never shortened, weakened or removed', async () => {
    const until = inDays(5);
    await put('extend', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: until });
    const shorter = { Mode: 'COMPLIANCE', RetainUntilDate: inDays(4) } as const;
    const weaker = { Mode: 'GOVERNANCE', RetainUntilDate: inDays(9) } as const;
    for (const retention of [shorter, weaker, {}]) {
      expect(await failureOf(retain('extend', retention, true))).toEqual(PROTECTED);
    }
    const longer = { Mode: 'COMPLIANCE', RetainUntilDate: inDays(6) } as const;
    await retain('extend', longer);
    const stored = await s3.client.send(new GetObjectRetentionCommand({ Bucket, Key: 'extend' }));
    expect(stored.Retention).toEqual(longer);
  });

  test('GOVERNANCE is shortened only with the bypass and may become COMPLIANCE', async () => {
    await put('govern', {
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: inDays(5),
    });
    const shorter = { Mode: 'GOVERNANCE', RetainUntilDate: inDays(1) } as const;
    expect(await failureOf(retain('govern', shorter))).toEqual(PROTECTED);
    await retain('govern', shorter, true);
    await retain('govern', { Mode: 'COMPLIANCE', RetainUntilDate: inDays(2) });
    expect(await failureOf(retain('govern', {}, true))).toEqual(PROTECTED);
  });

  test('a date in the past is refused', async () => {
    await put('past', {});
    const past = { Mode: 'COMPLIANCE', RetainUntilDate: inDays(-1) } as const;
    expect(await failureOf(retain('past', past))).toMatchObject({
      code: 'InvalidArgument',
      message: 'The retain until date must be in the future!',
    });
    const none = await failureOf(
      s3.client.send(new GetObjectRetentionCommand({ Bucket, Key: 'past' })),
    );
    expect(none).toMatchObject({ code: 'NoSuchObjectLockConfiguration', status: 404 });
  });
});

describe('lock headers of a write', () => {
  test('need a checksum or Content-MD5', async () => {
    const bare = s3.clientWith({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const input = {
      Bucket,
      Key: 'unchecked',
      Body: 'x',
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: inDays(1),
    } as const;
    const withoutChecksum = s3.clientWith({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    withoutChecksum.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { headers: Record<string, string> };
        delete request.headers['x-amz-checksum-crc32'];
        delete request.headers['x-amz-sdk-checksum-algorithm'];
        return next(args);
      },
      { step: 'build', priority: 'low', name: 'noChecksum' },
    );
    const refused = await failureOf(withoutChecksum.send(new PutObjectCommand(input)));
    expect(refused).toMatchObject({
      code: 'InvalidRequest',
      message:
        'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    });
    const ContentMD5 = 'nd1uFvvQYFKtdnhBa8/mBA==';
    const wrong = await failureOf(bare.send(new PutObjectCommand({ ...input, ContentMD5 })));
    expect(wrong.code).toBe('BadDigest');
  });

  test('are refused in a bucket without Object Lock', async () => {
    const plain = await makeBucket(s3, 'not-locked', 'versioned');
    const refused = await failureOf(
      s3.client.send(
        new PutObjectCommand({
          Bucket: plain,
          Key: 'k',
          Body: 'x',
          ObjectLockMode: 'COMPLIANCE',
          ObjectLockRetainUntilDate: inDays(1),
        }),
      ),
    );
    expect(refused).toMatchObject({
      code: 'InvalidRequest',
      message: 'Bucket is missing Object Lock Configuration',
    });
  });

  test('are refused without a date or with a past one', async () => {
    const half = put('half', { ObjectLockMode: 'COMPLIANCE' });
    expect((await failureOf(half)).code).toBe('InvalidArgument');
    const past = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(-1) } as const;
    expect((await failureOf(put('late', past))).code).toBe('InvalidArgument');
  });

  test('win over the default retention of the bucket, which applies otherwise', async () => {
    const bucket = await makeBucket(s3, 'default-lock', 'locked');
    await s3.client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Years: 1 } },
        },
      }),
    );
    const write = async (Key: string, lock: Partial<PutObjectCommandInput>) => {
      await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x', ...lock }));
      return s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    };
    const year = new Date(s3.clock.now());
    year.setUTCFullYear(year.getUTCFullYear() + 1);
    expect(await write('preset', {})).toMatchObject({
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: year,
    });
    const own = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(1) } as const;
    expect(await write('own', own)).toMatchObject(own);
  });
});
