import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, makeBucket, type S3ForTest, startS3ForTest } from '../support/s3-for-test.ts';
import { sendRawS3 } from '../support/send-raw-s3.ts';

const MIB = 1024 ** 2;
const PARTS = [Buffer.alloc(5 * MIB, 'a'), Buffer.alloc(5 * MIB + 1, 'b'), Buffer.from('end')];
const WHOLE = Buffer.concat(PARTS);

let s3: S3ForTest;
let Bucket: string;
beforeAll(async () => {
  s3 = await startS3ForTest();
  Bucket = await makeBucket(s3, 'multipart', 'locked');
});
afterAll(() => s3.close());

async function begin(Key: string, input: Partial<CreateMultipartUploadCommandInput> = {}) {
  const answer = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...input }));
  return { Bucket, Key, UploadId: answer.UploadId as string };
}

type Begun = Awaited<ReturnType<typeof begin>>;

async function upload(
  begun: Begun,
  bodies: readonly Buffer[],
  ChecksumAlgorithm: 'CRC32' | 'CRC64NVME' | 'SHA256' = 'CRC32',
): Promise<CompletedPart[]> {
  const parts: CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const answer = await s3.client.send(
      new UploadPartCommand({ ...begun, PartNumber, Body, ChecksumAlgorithm }),
    );
    const { ETag, ChecksumCRC32, ChecksumCRC64NVME, ChecksumSHA256 } = answer;
    parts.push({ PartNumber, ETag, ChecksumCRC32, ChecksumCRC64NVME, ChecksumSHA256 });
  }
  return parts;
}

function complete(
  begun: Begun,
  Parts: CompletedPart[],
  input: Partial<CompleteMultipartUploadCommandInput> = {},
) {
  return s3.client.send(
    new CompleteMultipartUploadCommand({ ...begun, MultipartUpload: { Parts }, ...input }),
  );
}

describe('multipart uploads', () => {
  test('become one object with a composite checksum and ETag', async () => {
    const begun = await begin('composite', { ChecksumAlgorithm: 'SHA256' });
    const parts = await upload(begun, PARTS, 'SHA256');
    const done = await complete(begun, parts);
    const join = (algorithm: 'md5' | 'sha256') =>
      createHash(algorithm).update(
        Buffer.concat(PARTS.map((part) => createHash(algorithm).update(part).digest())),
      );
    expect(done).toMatchObject({
      ETag: `"${join('md5').digest('hex')}-3"`,
      ChecksumSHA256: `${join('sha256').digest('base64')}-3`,
      ChecksumType: 'COMPOSITE',
    });
    const read = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'composite' }));
    expect(WHOLE.equals((await read.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    const range = await s3.client.send(
      new GetObjectCommand({ Bucket, Key: 'composite', Range: `bytes=${5 * MIB - 2}-${5 * MIB}` }),
    );
    expect(await range.Body?.transformToString()).toBe('aab');
    const third = await s3.client.send(
      new GetObjectCommand({ Bucket, Key: 'composite', PartNumber: 3 }),
    );
    expect(await third.Body?.transformToString()).toBe('end');
    expect(third.PartsCount).toBe(3);
    const attributes = await s3.client.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'composite',
        ObjectAttributes: ['ObjectParts', 'ObjectSize'],
        MaxParts: 2,
      }),
    );
    expect(attributes.ObjectSize).toBe(WHOLE.length);
    expect(attributes.ObjectParts).toMatchObject({ TotalPartsCount: 3, IsTruncated: true });
    expect(attributes.ObjectParts?.Parts).toMatchObject([
      { PartNumber: 1, Size: 5 * MIB, ChecksumSHA256: parts[0]?.ChecksumSHA256 },
      { PartNumber: 2, Size: 5 * MIB + 1 },
    ]);
  });

  test('get the checksum of the whole object when the CRCs are joined', async () => {
    const whole = await s3.client.send(
      new PutObjectCommand({ Bucket, Key: 'single', Body: WHOLE, ChecksumAlgorithm: 'CRC64NVME' }),
    );
    const begun = await begin('joined', { ChecksumAlgorithm: 'CRC64NVME' });
    const parts = await upload(begun, PARTS, 'CRC64NVME');
    const { ChecksumCRC64NVME = '' } = whole;
    const wrong = complete(begun, parts, { ChecksumCRC64NVME: 'AAAAAAAAAAA=' });
    expect((await failureOf(wrong)).code).toBe('BadDigest');
    const done = await complete(begun, parts, { ChecksumCRC64NVME });
    expect(done).toMatchObject({ ChecksumCRC64NVME, ChecksumType: 'FULL_OBJECT' });
  });

  test('carry the lock they were begun with', async () => {
    const lock = {
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: new Date('2027-03-01T00:00:00Z'),
      ObjectLockLegalHoldStatus: 'ON',
    } as const;
    const begun = await begin('locked', lock);
    const { VersionId } = await complete(begun, await upload(begun, PARTS.slice(2)));
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'locked' }));
    expect(head).toMatchObject({ ...lock, VersionId });
    const remove = new DeleteObjectCommand({
      Bucket,
      Key: 'locked',
      VersionId: VersionId as string,
    });
    expect((await failureOf(s3.client.send(remove))).code).toBe('AccessDenied');
  });

  test('refuse lists that are empty, out of order, unknown or too small', async () => {
    const begun = await begin('refused', { ChecksumAlgorithm: 'CRC32' });
    const [first = {}, second = {}] = await upload(begun, [PARTS[2], PARTS[2]] as Buffer[]);
    expect((await failureOf(complete(begun, []))).code).toBe('MalformedXML');
    expect((await failureOf(complete(begun, [second, first]))).code).toBe('InvalidPartOrder');
    const unknown = { ...second, PartNumber: 9 };
    expect((await failureOf(complete(begun, [first, unknown]))).code).toBe('InvalidPart');
    const changed = { ...second, ETag: '"00000000000000000000000000000000"' };
    expect((await failureOf(complete(begun, [changed]))).code).toBe('InvalidPart');
    expect((await failureOf(complete(begun, [first, second]))).code).toBe('EntityTooSmall');
    const { ChecksumCRC32: _, ...unsummed } = first;
    expect((await failureOf(complete(begun, [unsummed]))).message).toContain(
      'The complete request must include the checksum for each part',
    );
    await complete(begun, [second]);
    expect((await failureOf(complete(begun, [second]))).code).toBe('NoSuchUpload');
  });

  test('take parts of a locked object only with a checksum', async () => {
    const begun = await begin('unsummed', { ObjectLockLegalHoldStatus: 'ON' });
    const part = await sendRawS3(s3, {
      method: 'PUT',
      path: `/${Bucket}/unsummed`,
      query: { partNumber: '1', uploadId: begun.UploadId },
      body: 'x',
    });
    expect(part.status).toBe(400);
    expect(part.body).toContain('required for Put Part requests with Object Lock parameters');
  });

  test('are conditional at their completion', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'taken', Body: 'x' }));
    const begun = await begin('taken');
    const parts = await upload(begun, PARTS.slice(2));
    expect((await failureOf(complete(begun, parts, { IfNoneMatch: '*' }))).status).toBe(412);
    await complete(begun, parts);
  });

  test('refuse parts with another checksum than planned', async () => {
    const begun = await begin('planned', { ChecksumAlgorithm: 'SHA256' });
    const part = new UploadPartCommand({ ...begun, PartNumber: 1, Body: 'x' });
    expect((await failureOf(s3.client.send(part))).code).toBe('InvalidRequest');
    const outside = new UploadPartCommand({ ...begun, PartNumber: 10_001, Body: 'x' });
    expect((await failureOf(s3.client.send(outside))).code).toBe('InvalidArgument');
  });

  test('take parts from existing objects', async () => {
    const source = Buffer.concat([Buffer.from('skip'), PARTS[0] as Buffer]);
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: source }));
    const begun = await begin('from-copy', { ChecksumAlgorithm: 'CRC32' });
    const copied = await s3.client.send(
      new UploadPartCopyCommand({
        ...begun,
        PartNumber: 1,
        CopySource: `${Bucket}/source`,
        CopySourceRange: `bytes=4-${source.length - 1}`,
      }),
    );
    const { ETag, ChecksumCRC32 } = copied.CopyPartResult ?? {};
    expect(ETag).toBe(
      `"${createHash('md5')
        .update(PARTS[0] as Buffer)
        .digest('hex')}"`,
    );
    await complete(begun, [{ PartNumber: 1, ETag, ChecksumCRC32 }]);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'from-copy' }));
    expect(head.ContentLength).toBe(5 * MIB);
  });
});

describe('unfinished uploads', () => {
  test('and their parts are listed page by page, and gone once aborted', async () => {
    const bucket = await makeBucket(s3, 'unfinished');
    const begun: Begun[] = [];
    for (const Key of ['a/1', 'a/2', 'b', 'b']) {
      begun.push({ ...(await begin(Key, { Bucket: bucket })), Bucket: bucket });
    }
    const seen: unknown[] = [];
    let markers = {};
    for (let page = 0; page < 4; page += 1) {
      const listed = await s3.client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, MaxUploads: 1, ...markers }),
      );
      seen.push(listed.Uploads?.[0]?.UploadId);
      expect(listed.IsTruncated).toBe(page < 3);
      markers = { KeyMarker: listed.NextKeyMarker, UploadIdMarker: listed.NextUploadIdMarker };
    }
    expect(new Set(seen)).toEqual(new Set(begun.map(({ UploadId }) => UploadId)));
    const rolled = await s3.client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Delimiter: '/' }),
    );
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
    expect(rolled.Uploads?.map(({ Key }) => Key)).toEqual(['b', 'b']);

    const first = begun[0] as Begun;
    await upload(first, [Buffer.from('1'), Buffer.from('22'), Buffer.from('333')]);
    const page = await s3.client.send(new ListPartsCommand({ ...first, MaxParts: 2 }));
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' });
    const rest = await s3.client.send(new ListPartsCommand({ ...first, PartNumberMarker: '2' }));
    expect(rest.Parts).toMatchObject([{ PartNumber: 3, Size: 3 }]);
    await s3.client.send(new AbortMultipartUploadCommand(first));
    const gone = await failureOf(s3.client.send(new ListPartsCommand(first)));
    expect(gone).toMatchObject({ code: 'NoSuchUpload', status: 404 });
  });
});
