import { createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { GetKeyPolicyCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeBucket } from '../../bench/bare-installation.ts';
import { DynamoLedger } from '../../shared/aws/dynamo-ledger.ts';
import { keyPolicy } from '../../shared/aws/key-policy.ts';
import { KmsCustody } from '../../shared/aws/kms-custody.ts';
import { S3Copy } from '../../shared/aws/s3-copy.ts';
import { S3Source } from '../../shared/aws/s3-source.ts';
import { S3Target } from '../../shared/aws/s3-target.ts';
import { systemClock, systemPause } from '../../shared/aws/system-clock.ts';
import { PART_BYTES } from '../../shared/domain/limits.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import type { CopyListing } from '../../shared/ports/copy.ts';
import { recordOf } from '../contract/target.contract.ts';
import {
  EMBEDDED_ACCOUNT,
  EMBEDDED_ROLES,
  EMBEDDED_TABLE,
  type EmbeddedServices,
  startEmbeddedServices,
} from '../support/embedded-services.ts';
import { TEST_INSTALLATION } from '../support/memory-services.ts';
import { sampleVault } from '../support/sample-records.ts';
import { verifiedInPieces, verifiedWhole } from '../support/verified-content.ts';

const REGION = TEST_INSTALLATION.regions.primary;
const BUCKET = 'records-of-clients';
const VAULT_ID = '01K9ZZZZZZ0000000000000001';
const BYTES = Buffer.from('ciphertext');
/** As often as the clients try. */
const ALWAYS = 5;

let embedded: EmbeddedServices;

beforeAll(async () => {
  embedded = await startEmbeddedServices();
  await makeBucket(embedded.clients.s3(REGION), REGION, BUCKET);
}, 60_000);
afterAll(() => embedded.stop());
afterEach(() => {
  // A fault that never fired proves nothing.
  expect(embedded.faults.list().filter(({ remaining }) => remaining > 0)).toEqual([]);
});

describe('copy', () => {
  const open = (): S3Copy => {
    const client = embedded.clients.s3(REGION);
    const bucket = TEST_INSTALLATION.buckets.primary;
    return new S3Copy({ name: 'primary', client, bucket, clock: embedded.clock });
  };
  const write = () => ({
    lockedUntil: daysAfter(embedded.clock.now(), 7),
    contentType: 'text/plain',
  });
  const sha256 = createHash('sha256').update(BYTES).digest('hex');
  const list = async (prefix: string): Promise<CopyListing[]> => {
    const found: CopyListing[] = [];
    for await (const listing of open().list(prefix)) {
      found.push(listing);
    }
    return found;
  };

  test('a write whose answer was lost is found and not made twice', async () => {
    embedded.faults.plan({ operation: 'PutObject', dropAnswer: true });
    const versionId = await open().put('lost/put', BYTES, { ...write(), sha256 });
    expect((await list('lost/put')).map((listing) => listing.versionId)).toEqual([versionId]);
  });

  test('an upload whose completion was lost is found and not made twice', async () => {
    const upload = await open().open('lost/upload', write());
    await upload.writePart(Buffer.alloc(PART_BYTES, 'a'));
    await upload.writePart(BYTES);
    embedded.faults.plan({ operation: 'CompleteMultipartUpload', dropAnswer: true });
    const versionId = await upload.finish();
    expect((await list('lost/upload')).map((listing) => listing.versionId)).toEqual([versionId]);
  });

  test('a Region that stays down is unavailable', async () => {
    const error = { code: 'ServiceUnavailable', status: 503 };
    embedded.faults.plan({ operation: 'PutObject', times: ALWAYS, error });
    const put = open().put('down', BYTES, { ...write(), sha256 });
    await expect(put).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE', kind: 'unavailable' });
  });

  test('a Region that is down for a moment is not noticed', async () => {
    const error = { code: 'InternalError', status: 500 };
    embedded.faults.plan({ operation: 'PutObject', times: 2, error });
    await expect(open().put('moment', BYTES, { ...write(), sha256 })).resolves.toBeTypeOf('string');
  });

  test('denied access is told apart from a lock', async () => {
    const versionId = await open().put('denied', BYTES, { ...write(), sha256 });
    const error = { code: 'AccessDenied', status: 403 };
    embedded.faults.plan({ operation: 'GetObject', error });
    await expect(open().read('denied', versionId)).rejects.toMatchObject({ code: 'COPY_DENIED' });
    await expect(open().remove('denied', versionId)).rejects.toMatchObject({
      code: 'OBJECT_LOCKED',
    });
    const unlocked = { Bucket: TEST_INSTALLATION.buckets.primary, Key: 'unlocked', Body: BYTES };
    const { VersionId } = await embedded.clients.s3(REGION).send(new PutObjectCommand(unlocked));
    embedded.faults.plan({ operation: 'DeleteObject', error });
    await expect(open().remove('unlocked', VersionId ?? '')).rejects.toMatchObject({
      code: 'COPY_DENIED',
    });
  });
});

describe('ledger', () => {
  const open = (): DynamoLedger =>
    new DynamoLedger({
      client: embedded.clients.dynamoDb(REGION),
      table: EMBEDDED_TABLE,
      clock: systemClock,
      pause: systemPause,
    });

  test('a transaction whose answer was lost has happened once', async () => {
    embedded.faults.plan({ operation: 'TransactWriteItems', dropAnswer: true });
    await open().write([{ record: sampleVault('lost'), expect: 'absent' }]);
    expect((await open().get('vault', 'lost'))?.version).toBe(1);
  });

  test('a table that stays down is unavailable', async () => {
    const error = { code: 'InternalServerError', status: 500 };
    embedded.faults.plan({ operation: 'GetItem', times: ALWAYS, error });
    await expect(open().get('vault', 'any')).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      data: { operation: 'get vault' },
    });
  });
});

describe('keys', () => {
  const open = (): KmsCustody =>
    new KmsCustody({
      installation: TEST_INSTALLATION.name,
      partition: 'aws',
      account: EMBEDDED_ACCOUNT,
      regions: TEST_INSTALLATION.regions,
      clientOf: embedded.clients.kms,
      roles: EMBEDDED_ROLES,
      pause: async () => undefined,
      randomBytes,
    });

  test('a key carries its tags, its policy and no name', async () => {
    const { keys } = await open().create(VAULT_ID);
    const kms = embedded.clients.kms(REGION);
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: keys.primary }));
    expect(Tags).toEqual([
      { TagKey: 'holdfast:installation', TagValue: 'test' },
      { TagKey: 'holdfast:vault', TagValue: VAULT_ID },
    ]);
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: keys.primary }));
    expect(JSON.parse(Policy ?? '')).toEqual(keyPolicy('aws', EMBEDDED_ACCOUNT, EMBEDDED_ROLES));
  });

  test('a new key that KMS does not know everywhere yet is waited for', async () => {
    const error = { code: 'NotFoundException', status: 400 };
    embedded.faults.plan({ operation: 'Encrypt', region: REGION, times: 3, error });
    const { keys, probes } = await open().create(VAULT_ID);
    expect(await open().probe(keys, probes, 'primary')).toEqual({ outcome: 'opened' });
  });

  test.each([
    ['KMSInternalException', 500, ALWAYS],
    ['ExpiredTokenException', 400, 1],
    ['UnrecognizedClientException', 403, 1],
  ])('%s is never taken for a refused decrypt', async (code, status, times) => {
    const { keys, probes } = await open().create(VAULT_ID);
    embedded.faults.plan({ operation: 'Decrypt', times, error: { code, status } });
    await expect(open().probe(keys, probes, 'primary')).rejects.toMatchObject({
      code: 'KEYS_UNAVAILABLE',
    });
  });
});

describe('source', () => {
  const open = (bucket = BUCKET): S3Source =>
    new S3Source({
      client: embedded.clients.s3(REGION),
      location: { bucket, prefix: '', region: REGION },
      vaultId: VAULT_ID,
    });
  const firstOf = async (source: S3Source) => {
    const [first] = (await Array.fromAsync(source.list())).flat();
    if (first === undefined) {
      throw new Error('The source is empty.');
    }
    return first;
  };
  beforeAll(async () => {
    const object = { Bucket: BUCKET, Key: '秘密.txt', Body: 'content' };
    await embedded.clients.s3(REGION).send(new PutObjectCommand(object));
  });

  test('a bucket that does not exist is missing', async () => {
    await expect(firstOf(open('no-such-bucket'))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
  });

  test.each([
    ['AccessDenied', 403, 1, 'SOURCE_DENIED'],
    ['ServiceUnavailable', 503, ALWAYS, 'SOURCE_UNAVAILABLE'],
  ])('a list answered by %s (%i, %i times) is %s', async (code, status, times, expected) => {
    embedded.faults.plan({ operation: 'ListObjectsV2', times, error: { code, status } });
    await expect(firstOf(open())).rejects.toMatchObject({ code: expected });
  });

  test('a refused read tells no path', async () => {
    const entry = await firstOf(open());
    const error = { code: 'InvalidAccessKeyId', status: 403, message: 'not 秘密.txt' };
    embedded.faults.plan({ operation: 'GetObject', error });
    const refusal = await open()
      .read(entry)
      .catch((thrown) => thrown);
    expect(refusal).toMatchObject({ code: 'SOURCE_DENIED' });
    expect(`${refusal.stack} ${refusal.cause.stack}`).not.toContain('秘密');
  });

  test.each([
    ['archived', 'InvalidObjectState', 403],
    ['denied', 'AccessDenied', 403],
    ['denied', 'KMS.DisabledException', 400],
    ['vanished', 'NoSuchKey', 404],
  ])('a record is %s when S3 says %s', async (skipped, code, status) => {
    const entry = await firstOf(open());
    embedded.faults.plan({ operation: 'GetObject', error: { code, status } });
    expect(await open().read(entry)).toEqual({ skipped });
  });

  test.each([
    ['denied', 403],
    ['vanished', 404],
  ])('one that changed is %s when S3 answers %i to the second look', async (skipped, status) => {
    const entry = { ...(await firstOf(open())), etag: 'another' };
    embedded.faults.plan({ operation: 'HeadObject', error: { code: 'Any', status } });
    expect(await open().read(entry)).toEqual({ skipped });
  });

  test('one that changes again is left to the next run', async () => {
    const entry = { ...(await firstOf(open())), etag: 'another' };
    const error = { code: 'PreconditionFailed', status: 412 };
    embedded.faults.plan({ operation: 'GetObject', error, times: 2 });
    expect(await open().read(entry)).toEqual({ skipped: 'changed' });
  });

  test.each([
    ['SOURCE_DENIED', 'InvalidAccessKeyId', 403],
    ['SOURCE_MISSING', 'NoSuchBucket', 404],
  ])('%s is about the whole source, not one record', async (fault, code, status) => {
    const entry = await firstOf(open());
    embedded.faults.plan({ operation: 'GetObject', error: { code, status } });
    await expect(open().read(entry)).rejects.toMatchObject({ code: fault });
  });

  test('a read whose first answer is lost is repeated', async () => {
    const entry = await firstOf(open());
    embedded.faults.plan({ operation: 'GetObject', dropAnswer: true });
    const content = await open().read(entry);
    expect('body' in content && (await text(content.body))).toBe('content');
  });
});

describe('target', () => {
  const open = (): S3Target =>
    new S3Target({
      client: embedded.clients.s3(REGION),
      location: { bucket: BUCKET, prefix: 'restored/', region: REGION },
    });

  test('a write whose answer was lost is not taken for a file of somebody else', async () => {
    embedded.faults.plan({ operation: 'PutObject', dropAnswer: true });
    const write = open().write(verifiedWhole(recordOf('lost', BYTES), BYTES), false);
    await expect(write).resolves.toBeUndefined();
  });

  test('a large write whose completion was lost is not taken for one either', async () => {
    const bytes = Buffer.alloc(PART_BYTES + 1, 'b');
    embedded.faults.plan({ operation: 'CompleteMultipartUpload', dropAnswer: true });
    const write = open().write(verifiedInPieces(recordOf('large', bytes), bytes), false);
    await expect(write).resolves.toBeUndefined();
  });

  test('a target that denies writing is unwritable, and its path is not told', async () => {
    const error = { code: 'AccessDenied', status: 403 };
    embedded.faults.plan({ operation: 'PutObject', error });
    const write = open().write(verifiedWhole(recordOf('秘密', BYTES), BYTES), false);
    const refusal = await write.catch((thrown) => thrown);
    expect(refusal).toMatchObject({
      code: 'TARGET_UNWRITABLE',
      data: { reason: 'S3 said AccessDenied' },
    });
    expect(refusal.message).not.toContain('秘密');
  });

  test('a path longer than a key may be is unsafe', async () => {
    const paths = async function* () {
      yield ['a'.repeat(1015), 'b'.repeat(1016)];
    };
    expect(await open().examine(paths())).toEqual({ existing: 0, unsafe: 1 });
  });
});
