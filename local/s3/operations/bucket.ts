import { LocalAwsError } from '../../gateway/service.ts';
import { MAX_DOCUMENT_BYTES, MAX_LISTING } from '../limits.ts';
import { receiveDocument } from '../receive-payload.ts';
import { headerOf, nowOf, requireBucket, type S3Call } from '../s3-call.ts';
import { invalidArgument, malformedXml, noSuchBucket } from '../s3-errors.ts';
import { isoTime, sendEmpty, sendXml } from '../send-response.ts';
import type { Bucket } from '../store/bucket-table.ts';
import { parseXml, textAt } from '../xml.ts';

/** S3's first Region: its buckets have no location constraint. */
const GLOBAL_REGION = 'us-east-1';

/** "Bucket naming rules" of the S3 user guide. */
function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|--x-s3|--table-s3)$|\.mrap$/.test(name)
  );
}

/** The Region a new bucket is to have: what the document says, else the request's own. */
async function requestedRegion(call: S3Call): Promise<string> {
  const { region } = call.request;
  const document = await receiveDocument(call.request, MAX_DOCUMENT_BYTES);
  const constraint = document === '' ? undefined : parseConstraint(document);
  const allowed = region === GLOBAL_REGION || constraint === region;
  if (!allowed) {
    throw new LocalAwsError(
      'IllegalLocationConstraintException',
      400,
      `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  return constraint ?? region;
}

function parseConstraint(document: string): string | undefined {
  const root = parseXml(document);
  if (root.name !== 'CreateBucketConfiguration') {
    throw malformedXml();
  }
  const constraint = textAt(root, 'LocationConstraint');
  return constraint === '' ? undefined : constraint;
}

/** CreateBucket. */
export async function createBucket(call: S3Call): Promise<void> {
  if (!isBucketName(call.bucket)) {
    throw new LocalAwsError('InvalidBucketName', 400, 'The specified bucket is not valid.', {
      BucketName: call.bucket,
    });
  }
  const region = await requestedRegion(call);
  if (call.store.buckets.find(call.bucket) !== undefined) {
    throw new LocalAwsError(
      'BucketAlreadyOwnedByYou',
      409,
      'Your previous request to create the named bucket succeeded and you already own it.',
      { BucketName: call.bucket },
    );
  }
  const objectLock = headerOf(call, 'x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true';
  call.store.buckets.insert({
    name: call.bucket,
    region,
    created: nowOf(call),
    versioning: objectLock ? 'Enabled' : '',
    objectLock,
  });
  call.response.setHeader('location', `/${call.bucket}`);
  sendEmpty(call.response, 200);
}

/** HeadBucket. */
export function headBucket(call: S3Call): void {
  const bucket = requireBucket(call);
  call.response.setHeader('x-amz-bucket-region', bucket.region);
  call.response.setHeader('content-type', 'application/xml');
  sendEmpty(call.response, 200);
}

/** DeleteBucket: only without versions, delete markers included. */
export function deleteBucket(call: S3Call): void {
  const bucket = requireBucket(call);
  const { store } = call;
  if (!store.buckets.isEmpty(bucket.name)) {
    throw new LocalAwsError(
      'BucketNotEmpty',
      409,
      'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
      { BucketName: bucket.name },
    );
  }
  const parts = store.uploads
    .list(bucket.name)
    .flatMap(({ uploadId }) => store.uploads.parts(uploadId));
  store.buckets.remove(bucket.name);
  store.files.remove(parts.map((part) => part.segment));
  sendEmpty(call.response, 204);
}

/** GetBucketLocation: answered in any Region, because clients ask it to find the Region. */
export function getBucketLocation(call: S3Call): void {
  const bucket = call.store.buckets.find(call.bucket);
  if (bucket === undefined) {
    throw noSuchBucket(call.bucket);
  }
  sendXml(
    call.response,
    'LocationConstraint',
    bucket.region === GLOBAL_REGION ? '' : bucket.region,
  );
}

/** ListBuckets: all Regions, with its filters and paging. */
export function listBuckets(call: S3Call): void {
  const { query, store } = call;
  const most = Number(query.get('max-buckets') ?? MAX_LISTING * 10);
  if (!(Number.isInteger(most) && most >= 1 && most <= MAX_LISTING * 10)) {
    throw invalidArgument('Argument max-buckets must be an integer between 1 and 10000');
  }
  const token = query.get('continuation-token');
  const after = token === null ? '' : Buffer.from(token, 'base64url').toString();
  const prefix = query.get('prefix') ?? '';
  const region = query.get('bucket-region');
  const found = store.buckets
    .list()
    .filter(
      ({ name, region: own }) =>
        name > after && name.startsWith(prefix) && (region === null || region === own),
    );
  const page = found.slice(0, most);
  const last = page.at(-1);
  sendXml(call.response, 'ListAllMyBucketsResult', {
    Buckets: { Bucket: page.map(bucketEntry) },
    Owner: { ID: call.accountId },
    ...(found.length > page.length && last !== undefined
      ? { ContinuationToken: Buffer.from(last.name).toString('base64url') }
      : {}),
    ...(query.has('prefix') ? { Prefix: prefix } : {}),
  });
}

function bucketEntry(bucket: Bucket) {
  return {
    Name: bucket.name,
    CreationDate: isoTime(bucket.created),
    BucketRegion: bucket.region,
  };
}
