import { checksumElement } from '../checksum/algorithm.ts';
import { MAX_LISTING } from '../limits.ts';
import { readCount, readListingQuery } from '../listing.ts';
import { requireBucket, type S3Call } from '../s3-call.ts';
import { isoTime, quoted, sendXml } from '../send-response.ts';
import type { UploadedPart } from '../store/object-version.ts';
import type { Upload } from '../store/upload-table.ts';
import { requireUpload } from './multipart-upload.ts';

/** One line of ListMultipartUploads: an upload, or the prefix many are rolled up into. */
type UploadLine = { readonly upload: Upload } | { readonly prefix: string };

/** ListMultipartUploads: by key in UTF-8 order, uploads of one key oldest first. */
export function listMultipartUploads(call: S3Call): void {
  const bucket = requireBucket(call);
  const { query } = call;
  const listing = readListingQuery(call, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const uploads = call.store.uploads
    .list(bucket.name)
    .filter(({ key }) => key.startsWith(listing.prefix));
  const after = afterMarkers(uploads, keyMarker, idMarker, listing.delimiter !== '');
  const lines = rollUpLines(after, listing.prefix, listing.delimiter);
  const page = lines.slice(0, listing.most);
  const last = lines.length > page.length ? page.at(-1) : undefined;
  sendXml(call.response, 'ListMultipartUploadsResult', {
    Bucket: bucket.name,
    KeyMarker: listing.encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: last && listing.encode('prefix' in last ? last.prefix : last.upload.key),
    NextUploadIdMarker: last && 'upload' in last ? last.upload.uploadId : undefined,
    Prefix: listing.encode(listing.prefix),
    Delimiter: listing.delimiter === '' ? undefined : listing.encode(listing.delimiter),
    MaxUploads: listing.most,
    EncodingType: listing.encodingType,
    IsTruncated: last !== undefined,
    Upload: page.flatMap((line) =>
      'upload' in line ? uploadEntry(call, line.upload, listing.encode) : [],
    ),
    CommonPrefixes: page.flatMap((line) =>
      'prefix' in line ? { Prefix: listing.encode(line.prefix) } : [],
    ),
  });
}

/** Uploads behind the markers: of later keys, or of the marker's key behind the marker's upload. */
function afterMarkers(
  uploads: readonly Upload[],
  keyMarker: string,
  idMarker: string,
  delimited: boolean,
): readonly Upload[] {
  if (keyMarker === '') {
    return uploads;
  }
  const marker = Buffer.from(keyMarker);
  const marked = uploads.findIndex(
    ({ key, uploadId }) => key === keyMarker && uploadId === idMarker,
  );
  return uploads.filter(({ key }, index) => {
    if (key === keyMarker) {
      return marked !== -1 && index > marked;
    }
    const rolledUp = delimited && idMarker === '' && key.startsWith(keyMarker);
    return Buffer.compare(Buffer.from(key), marker) > 0 && !rolledUp;
  });
}

function rollUpLines(uploads: readonly Upload[], prefix: string, delimiter: string): UploadLine[] {
  const lines: UploadLine[] = [];
  const seen = new Set<string>();
  for (const upload of uploads) {
    const end = delimiter === '' ? -1 : upload.key.indexOf(delimiter, prefix.length);
    if (end === -1) {
      lines.push({ upload });
      continue;
    }
    const rolled = upload.key.slice(0, end + delimiter.length);
    if (!seen.has(rolled)) {
      seen.add(rolled);
      lines.push({ prefix: rolled });
    }
  }
  return lines;
}

function uploadEntry(call: S3Call, upload: Upload, encode: (text: string) => string) {
  return {
    Key: encode(upload.key),
    UploadId: upload.uploadId,
    Initiator: { ID: call.accountId },
    Owner: { ID: call.accountId },
    StorageClass: upload.plan.storageClass,
    Initiated: isoTime(upload.initiated),
    ChecksumAlgorithm: upload.plan.algorithm,
    ChecksumType: upload.plan.algorithm && upload.plan.checksumType,
  };
}

/** ListParts. */
export function listParts(call: S3Call): void {
  requireBucket(call);
  const { query, store } = call;
  const upload = requireUpload(call);
  const most = Math.min(readCount(query, 'max-parts', MAX_LISTING), MAX_LISTING);
  const marker = readCount(query, 'part-number-marker', 0);
  const parts = store.uploads
    .parts(upload.uploadId)
    .filter(({ partNumber }) => partNumber > marker);
  const page = parts.slice(0, most);
  const { algorithm, checksumType, storageClass } = upload.plan;
  sendXml(call.response, 'ListPartsResult', {
    Bucket: call.bucket,
    Key: call.key,
    UploadId: upload.uploadId,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.partNumber ?? 0,
    MaxParts: most,
    IsTruncated: parts.length > page.length,
    Part: page.map((part) => partEntry(part, algorithm !== undefined)),
    Initiator: { ID: call.accountId },
    Owner: { ID: call.accountId },
    StorageClass: storageClass,
    ChecksumAlgorithm: algorithm,
    ChecksumType: algorithm && checksumType,
  });
}

function partEntry(part: UploadedPart, withChecksum: boolean) {
  return {
    PartNumber: part.partNumber,
    LastModified: isoTime(part.modified),
    ETag: quoted(part.etag),
    Size: part.segment.size,
    ...(withChecksum ? { [checksumElement(part.algorithm)]: part.checksum } : {}),
  };
}
