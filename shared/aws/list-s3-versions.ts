import {
  type DeleteMarkerEntry,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { CopyListing } from '../ports/copy.ts';
import { decodeListedKey } from './s3-key-encoding.ts';

interface Found extends CopyListing {
  readonly isLatest: boolean;
  readonly modified: number;
}

/** All versions and delete markers under a prefix, in key order, newest first. */
export async function* listVersions(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<CopyListing> {
  let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await client.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        EncodingType: 'url',
        ...marker,
      }),
    );
    for (const { key, versionId, size, isDeleteMarker } of entriesOf(page)) {
      yield { key, versionId, size, isDeleteMarker };
    }
    if (page.IsTruncated !== true || page.NextKeyMarker === undefined) {
      return;
    }
    marker = {
      KeyMarker: decodeListedKey(page.NextKeyMarker),
      VersionIdMarker: page.NextVersionIdMarker,
    };
  }
}

/** What comes right behind `/` in UTF-8: a marker above everything in a folder, below the next. */
const BEHIND_SLASH = '0';

/** What lies right under a prefix, up to the next slash; also where only old versions are left. */
export async function* listVersionFolders(
  client: S3Client,
  bucket: string,
  prefix: string,
  after?: string,
): AsyncGenerator<string> {
  let marker = after && `${after.replace(/\/$/, '')}${BEHIND_SLASH}`;
  for (;;) {
    const page = await client.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: '/',
        EncodingType: 'url',
        KeyMarker: marker,
      }),
    );
    for (const { Prefix } of page.CommonPrefixes ?? []) {
      yield decodeListedKey(Prefix ?? '');
    }
    if (page.IsTruncated !== true || page.NextKeyMarker === undefined) {
      return;
    }
    marker = decodeListedKey(page.NextKeyMarker);
  }
}

/** The SDK gives versions and delete markers apart; S3 listed them as one sequence. */
function entriesOf(page: ListObjectVersionsCommandOutput): Found[] {
  const versions = (page.Versions ?? []).map((version) => found(version, version.Size ?? 0, false));
  const markers = (page.DeleteMarkers ?? []).map((marker) => found(marker, 0, true));
  // The sort is stable, so versions of one key keep S3's order where times are equal.
  return [...markers, ...versions].sort(
    (a, b) =>
      compareUtf8(a.key, b.key) ||
      Number(b.isLatest) - Number(a.isLatest) ||
      b.modified - a.modified,
  );
}

function found(
  entry: ObjectVersion | DeleteMarkerEntry,
  size: number,
  isDeleteMarker: boolean,
): Found {
  return {
    key: decodeListedKey(entry.Key ?? ''),
    versionId: entry.VersionId ?? 'null',
    size,
    isDeleteMarker,
    isLatest: entry.IsLatest ?? false,
    modified: entry.LastModified?.getTime() ?? 0,
  };
}
