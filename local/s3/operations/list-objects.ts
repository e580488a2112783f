import {
  collectPage,
  type ListingPage,
  type ListingQuery,
  readListingQuery,
  startAfterMarker,
  startAfterPrefix,
} from '../listing.ts';
import { requireBucket, type S3Call } from '../s3-call.ts';
import { invalidArgument } from '../s3-errors.ts';
import { isoTime, quoted, sendXml } from '../send-response.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import type { WalkStart } from '../store/version-table.ts';
import type { XmlValue } from '../xml.ts';

function collectCurrent(
  call: S3Call,
  query: ListingQuery,
  start: WalkStart | undefined,
): ListingPage {
  return collectPage(
    query,
    start,
    (from) => call.store.versions.walkCurrent(call.bucket, from),
    (version) => !version.isMarker,
  );
}

/** ListObjectsV2. */
export function listObjectsV2(call: S3Call): void {
  requireBucket(call);
  const { query } = call;
  const listing = readListingQuery(call, 'max-keys');
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const start =
    token === null ? { key: startAfter, inclusive: startAfter === '' } : readToken(token);
  const page = collectCurrent(call, listing, start);
  const withOwner = query.get('fetch-owner') === 'true';
  sendXml(call.response, 'ListBucketResult', {
    ...commonFields(call, listing, page),
    StartAfter: query.has('start-after') ? listing.encode(startAfter) : undefined,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: page.resume && writeToken(page.resume),
    KeyCount: page.entries.length + page.prefixes.length,
    Contents: page.entries.map((entry) => contents(call, listing, entry, withOwner)),
    CommonPrefixes: commonPrefixes(listing, page),
  });
}

/** ListObjects, the older form, whose marker is a key or a common prefix. */
export function listObjects(call: S3Call): void {
  requireBucket(call);
  const listing = readListingQuery(call, 'max-keys');
  const marker = call.query.get('marker') ?? '';
  const start = marker === '' ? { key: '', inclusive: true } : startAfterMarker(marker, listing);
  const page = collectCurrent(call, listing, start);
  const { resume } = page;
  const next = resume && ('prefix' in resume ? resume.prefix : resume.version.key);
  sendXml(call.response, 'ListBucketResult', {
    ...commonFields(call, listing, page),
    Marker: listing.encode(marker),
    // S3 states it only with a delimiter; without one it is the last key.
    NextMarker: next !== undefined && listing.delimiter !== '' ? listing.encode(next) : undefined,
    Contents: page.entries.map((entry) => contents(call, listing, entry, true)),
    CommonPrefixes: commonPrefixes(listing, page),
  });
}

function commonFields(call: S3Call, listing: ListingQuery, page: ListingPage) {
  return {
    Name: call.bucket,
    Prefix: listing.encode(listing.prefix),
    Delimiter: listing.delimiter === '' ? undefined : listing.encode(listing.delimiter),
    MaxKeys: listing.most,
    EncodingType: listing.encodingType,
    IsTruncated: page.resume !== undefined,
  };
}

/** The `CommonPrefixes` elements of any listing. */
export function commonPrefixes(listing: ListingQuery, page: ListingPage): XmlValue {
  return page.prefixes.map((prefix) => ({ Prefix: listing.encode(prefix) }));
}

function contents(
  call: S3Call,
  listing: ListingQuery,
  version: ObjectVersion,
  withOwner: boolean,
): XmlValue {
  return {
    Key: listing.encode(version.key),
    LastModified: isoTime(version.modified),
    ETag: quoted(version.etag),
    ChecksumAlgorithm: version.checksum?.algorithm,
    ChecksumType: version.checksum?.type,
    Size: version.size,
    StorageClass: version.storageClass,
    Owner: withOwner ? { ID: call.accountId } : undefined,
  };
}

/** A token says whether the last thing was a key (`k`) or a common prefix (`p`). */
function writeToken(resume: NonNullable<ListingPage['resume']>): string {
  const text = 'prefix' in resume ? `p${resume.prefix}` : `k${resume.version.key}`;
  return Buffer.from(text).toString('base64url');
}

function readToken(token: string): WalkStart | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  const kind = text.charAt(0);
  if (kind !== 'k' && kind !== 'p') {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token');
  }
  const place = text.slice(1);
  return kind === 'p' ? startAfterPrefix(place) : { key: place, inclusive: false };
}
