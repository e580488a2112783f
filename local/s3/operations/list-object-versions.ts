import { collectPage, type ListingQuery, readListingQuery, startAfterMarker } from '../listing.ts';
import { requireBucket, type S3Call } from '../s3-call.ts';
import { invalidArgument } from '../s3-errors.ts';
import { isoTime, quoted, sendXml } from '../send-response.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import type { WalkStart } from '../store/version-table.ts';
import type { XmlValue } from '../xml.ts';
import { commonPrefixes } from './list-objects.ts';

/** ListObjectVersions: by key, each key's versions and delete markers newest first. */
export function listObjectVersions(call: S3Call): void {
  requireBucket(call);
  const { query, store } = call;
  const listing = readListingQuery(call, 'max-keys');
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker') ?? '';
  const start = startOf(call, listing, keyMarker, versionMarker);
  const page = collectPage(
    listing,
    start,
    (from) => store.versions.walkVersions(call.bucket, from),
    () => true,
  );
  sendXml(call.response, 'ListVersionsResult', {
    Name: call.bucket,
    Prefix: listing.encode(listing.prefix),
    Delimiter: listing.delimiter === '' ? undefined : listing.encode(listing.delimiter),
    KeyMarker: listing.encode(keyMarker),
    VersionIdMarker: versionMarker,
    MaxKeys: listing.most,
    EncodingType: listing.encodingType,
    IsTruncated: page.resume !== undefined,
    ...nextMarkers(listing, page.resume),
    '': page.entries.map((entry) => versionEntry(call, listing, entry)),
    CommonPrefixes: commonPrefixes(listing, page),
  });
}

function startOf(
  call: S3Call,
  listing: ListingQuery,
  keyMarker: string,
  versionMarker: string,
): WalkStart | undefined {
  if (keyMarker === '') {
    if (versionMarker !== '') {
      throw invalidArgument('A version-id marker cannot be specified without a key marker.');
    }
    return { key: '', inclusive: true };
  }
  if (versionMarker === '') {
    return startAfterMarker(keyMarker, listing);
  }
  const version = call.store.versions.byId(call.bucket, keyMarker, versionMarker);
  // The marker's version may have been deleted since: its key is then listed from the newest on,
  // so that clients that delete page by page miss none.
  return version === undefined
    ? { key: keyMarker, inclusive: true }
    : { key: keyMarker, inclusive: false, belowSeq: version.seq };
}

function nextMarkers(
  listing: ListingQuery,
  resume: ReturnType<typeof collectPage>['resume'],
): Record<string, XmlValue> {
  if (resume === undefined) {
    return {};
  }
  return 'prefix' in resume
    ? { NextKeyMarker: listing.encode(resume.prefix) }
    : {
        NextKeyMarker: listing.encode(resume.version.key),
        NextVersionIdMarker: resume.version.versionId,
      };
}

function versionEntry(call: S3Call, listing: ListingQuery, version: ObjectVersion): XmlValue {
  const common = {
    Key: listing.encode(version.key),
    VersionId: version.versionId,
    IsLatest: version.isLatest,
    LastModified: isoTime(version.modified),
  };
  const owner = { Owner: { ID: call.accountId } };
  if (version.isMarker) {
    return { DeleteMarker: { ...common, ...owner } };
  }
  return {
    Version: {
      ...common,
      ETag: quoted(version.etag),
      ChecksumAlgorithm: version.checksum?.algorithm,
      ChecksumType: version.checksum?.type,
      Size: version.size,
      StorageClass: version.storageClass,
      ...owner,
    },
  };
}
