import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  SelectObjectContentCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, makeBucket, type S3ForTest, startS3ForTest } from '../support/s3-for-test.ts';

let s3: S3ForTest;
beforeAll(async () => {
  s3 = await startS3ForTest();
});
afterAll(() => s3.close());

describe('buckets and Regions', () => {
  test('a bucket belongs to the Region it was made in and its name to all', async () => {
    const ireland = s3.clientWith({ region: 'eu-west-1' });
    await ireland.send(
      new CreateBucketCommand({
        Bucket: 'in-ireland',
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    );
    const location = await s3.client.send(new GetBucketLocationCommand({ Bucket: 'in-ireland' }));
    expect(location.LocationConstraint).toBe('eu-west-1');
    const again = await failureOf(makeBucket(s3, 'in-ireland'));
    expect(again).toMatchObject({ code: 'BucketAlreadyOwnedByYou', status: 409 });
    const { Buckets } = await s3.client.send(new ListBucketsCommand({ Prefix: 'in-' }));
    expect(Buckets).toMatchObject([{ Name: 'in-ireland', BucketRegion: 'eu-west-1' }]);
  });

  test('a request signed for another Region is redirected and told the right one', async () => {
    const bucket = await makeBucket(s3, 'in-frankfurt');
    const paris = s3.clientWith({ region: 'eu-west-3' });
    const list = new ListObjectsV2Command({ Bucket: bucket });
    expect(await failureOf(paris.send(list))).toMatchObject({
      code: 'PermanentRedirect',
      status: 301,
    });
    const virginia = s3.clientWith({ region: 'us-east-1' });
    expect(await failureOf(virginia.send(list))).toMatchObject({
      code: 'AuthorizationHeaderMalformed',
      status: 400,
    });
    const following = s3.clientWith({ region: 'eu-west-3', followRegionRedirects: true });
    expect((await following.send(list)).KeyCount).toBe(0);
    const head = await s3.client.send(new HeadBucketCommand({ Bucket: bucket }));
    expect(head.BucketRegion).toBe('eu-central-1');
  });

  test('a Region that contradicts the request is refused', async () => {
    const create = new CreateBucketCommand({
      Bucket: 'nowhere',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    });
    expect((await failureOf(s3.client.send(create))).code).toBe(
      'IllegalLocationConstraintException',
    );
  });

  test.each(['ab', 'Upper', 'under_score', '192.168.0.1', 'two..dots', '-dash'])(
    'the name %s is refused',
    async (name) => {
      expect((await failureOf(makeBucket(s3, name))).code).toBe('InvalidBucketName');
    },
  );

  test('virtual-host style reaches the same bucket as path style', async () => {
    const bucket = await makeBucket(s3, 'hosted.bucket');
    const { port } = new URL(s3.endpoint);
    const answer = await s3.client.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }),
    );
    const hosted = s3.clientWith({ forcePathStyle: false, endpoint: `http://localhost:${port}` });
    hosted.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { hostname: string; headers: Record<string, string> };
        // The name does not resolve everywhere; the Host header alone decides.
        request.headers.host = `${bucket}.s3.localhost:${port}`;
        request.hostname = '127.0.0.1';
        return next(args);
      },
      { step: 'build', name: 'loopback' },
    );
    const { Contents } = await hosted.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(Contents).toMatchObject([{ Key: 'k', ETag: answer.ETag }]);
  });

  test('a bucket with only a delete marker is not empty', async () => {
    const bucket = await makeBucket(s3, 'marked', 'versioned');
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }));
    const refused = await failureOf(s3.client.send(new DeleteBucketCommand({ Bucket: bucket })));
    expect(refused).toMatchObject({ code: 'BucketNotEmpty', status: 409 });
    await makeBucket(s3, 'empty');
    await s3.client.send(new DeleteBucketCommand({ Bucket: 'empty' }));
    const gone = await failureOf(s3.client.send(new ListObjectsV2Command({ Bucket: 'empty' })));
    expect(gone).toMatchObject({ code: 'NoSuchBucket', status: 404 });
  });
});

describe('bucket configuration', () => {
  test('versioning starts unset and cannot be suspended under Object Lock', async () => {
    const plain = await makeBucket(s3, 'plain-versioning');
    const read = (Bucket: string) => s3.client.send(new GetBucketVersioningCommand({ Bucket }));
    expect((await read(plain)).Status).toBeUndefined();
    const locked = await makeBucket(s3, 'locked-versioning', 'locked');
    expect((await read(locked)).Status).toBe('Enabled');
    const suspend = new PutBucketVersioningCommand({
      Bucket: locked,
      VersioningConfiguration: { Status: 'Suspended' },
    });
    expect((await failureOf(s3.client.send(suspend))).code).toBe('InvalidBucketState');
  });

  test('Object Lock is configured, on an existing bucket only with versioning', async () => {
    const bucket = await makeBucket(s3, 'later-locked');
    const get = () => s3.client.send(new GetObjectLockConfigurationCommand({ Bucket: bucket }));
    const put = () =>
      s3.client.send(
        new PutObjectLockConfigurationCommand({
          Bucket: bucket,
          ObjectLockConfiguration: {
            ObjectLockEnabled: 'Enabled',
            Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 3 } },
          },
        }),
      );
    expect(await failureOf(get())).toMatchObject({
      code: 'ObjectLockConfigurationNotFoundError',
      status: 404,
    });
    expect((await failureOf(put())).code).toBe('InvalidBucketState');
    await s3.client.send(
      new PutBucketVersioningCommand({
        Bucket: bucket,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    await put();
    expect((await get()).ObjectLockConfiguration?.Rule?.DefaultRetention).toEqual({
      Mode: 'GOVERNANCE',
      Days: 3,
    });
  });

  test('a policy is stored, given back and deleted', async () => {
    const Bucket = await makeBucket(s3, 'with-policy');
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny' }] });
    await s3.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const stored = await s3.client.send(new GetBucketPolicyCommand({ Bucket }));
    expect(stored.Policy).toBe(Policy);
    await s3.client.send(new DeleteBucketPolicyCommand({ Bucket }));
    const missing = await failureOf(s3.client.send(new GetBucketPolicyCommand({ Bucket })));
    expect(missing).toMatchObject({ code: 'NoSuchBucketPolicy', status: 404 });
    const bad = new PutBucketPolicyCommand({ Bucket, Policy: '{' });
    expect((await failureOf(s3.client.send(bad))).code).toBe('MalformedPolicy');
  });

  test('public access block, encryption and tags are given back', async () => {
    const Bucket = await makeBucket(s3, 'configured');
    await s3.client.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: false },
      }),
    );
    const block = await s3.client.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(block.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      RestrictPublicBuckets: false,
    });
    const TagSet = [{ Key: 'cost centre', Value: 'a & b' }];
    await s3.client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    const tags = await s3.client.send(new GetBucketTaggingCommand({ Bucket }));
    expect(tags.TagSet).toEqual(TagSet);
  });

  test('a bucket default encryption is echoed for new objects', async () => {
    const Bucket = await makeBucket(s3, 'encrypted');
    const preset = await s3.client.send(new GetBucketEncryptionCommand({ Bucket }));
    const rules = preset.ServerSideEncryptionConfiguration?.Rules;
    expect(rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('AES256');
    const KMSMasterKeyID = 'arn:aws:kms:eu-central-1:111122223333:key/1';
    await s3.client.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [
            { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID } },
          ],
        },
      }),
    );
    const put = await s3.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    expect(put).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KMSMasterKeyID });
  });

  test('a feature asked for in a header is refused by name, another owner denied', async () => {
    const Bucket = await makeBucket(s3, 'owned');
    const put = { Bucket, Key: 'k', Body: 'x' };
    const held = new PutObjectCommand({ ...put, ObjectLockEventHold: 'ON' });
    expect(await failureOf(s3.client.send(held))).toMatchObject({
      code: 'NotImplemented',
      message: 'local s3 has no event holds (x-amz-object-lock-event-hold)',
    });
    const foreign = new PutObjectCommand({ ...put, ExpectedBucketOwner: '999999999999' });
    expect((await failureOf(s3.client.send(foreign))).code).toBe('AccessDenied');
    const own = new PutObjectCommand({ ...put, ExpectedBucketOwner: '111122223333' });
    await s3.client.send(own);
  });

  test('an operation S3 has and this one lacks is refused by name', async () => {
    const refused = await failureOf(
      s3.client.send(
        new SelectObjectContentCommand({
          Bucket: 'configured',
          Key: 'k',
          Expression: 'select 1',
          ExpressionType: 'SQL',
          InputSerialization: {},
          OutputSerialization: {},
        }),
      ),
    );
    expect(refused).toMatchObject({ code: 'NotImplemented', status: 501 });
    expect(refused.message).toMatch(/^local s3 has no SelectObjectContent; it has: Abort.*UploadP/);
  });
});
