import { type ChecksumAlgorithm, checksumElement } from '../checksum/algorithm.ts';
import { parseAlgorithm } from '../checksum/declared-checksum.ts';
import { requireWriteConditions } from '../conditions.ts';
import { MAX_SINGLE_PUT_BYTES } from '../limits.ts';
import { readDescription, setEncryptionHeaders } from '../object-description.ts';
import { readLockHeaders } from '../object-lock.ts';
import { headerOf, nowOf, requireBucket, type S3Call } from '../s3-call.ts';
import { invalidArgument, invalidRequest } from '../s3-errors.ts';
import { isoTime, quoted, sendXml } from '../send-response.ts';
import type { ObjectDescription, ObjectVersion } from '../store/object-version.ts';
import { type CopySource, copyBody, requireCopySource } from './copy-source.ts';
import { commitVersion, setVersionHeader } from './write-object.ts';

function directive(call: S3Call, header: string): 'COPY' | 'REPLACE' {
  const value = headerOf(call, header) ?? 'COPY';
  if (value !== 'COPY' && value !== 'REPLACE') {
    throw invalidArgument('Unknown directive.', header, value);
  }
  return value;
}

/** Metadata and tags of the source or of the request, each as its directive says. */
function describeCopy(call: S3Call, source: ObjectVersion): ObjectDescription {
  const requested = readDescription(call);
  const metadata = directive(call, 'x-amz-metadata-directive') === 'COPY' ? source : requested;
  const tags = directive(call, 'x-amz-tagging-directive') === 'COPY' ? source : requested;
  return {
    ...requested,
    headers: metadata.headers,
    userMetadata: metadata.userMetadata,
    tags: tags.tags,
  };
}

/** @throws LocalAwsError `InvalidRequest` for a copy that would change nothing, or over 5 GiB */
function requireSensibleCopy(call: S3Call, source: CopySource): void {
  const { version, named } = source;
  const onItself = version.bucket === call.bucket && version.key === call.key && !named;
  const changes =
    directive(call, 'x-amz-metadata-directive') === 'REPLACE' ||
    ['x-amz-storage-class', 'x-amz-server-side-encryption'].some(
      (name) => headerOf(call, name) !== undefined,
    );
  if (onItself && !changes) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  if (version.size > MAX_SINGLE_PUT_BYTES) {
    throw invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_SINGLE_PUT_BYTES}`,
    );
  }
}

/** The algorithm asked for, else the source's; what a copy computes covers the whole object. */
function algorithmOfCopy(call: S3Call, source: ObjectVersion): ChecksumAlgorithm {
  const named = headerOf(call, 'x-amz-checksum-algorithm');
  return named === undefined ? (source.checksum?.algorithm ?? 'CRC64NVME') : parseAlgorithm(named);
}

/** CopyObject: the new version has one body and the lock the request or its bucket gives it. */
export async function copyObject(call: S3Call): Promise<void> {
  const { response, store } = call;
  const bucket = requireBucket(call);
  const source = requireCopySource(call);
  const { version: original } = source;
  requireSensibleCopy(call, source);
  const description = describeCopy(call, original);
  readLockHeaders(call, bucket);
  requireWriteConditions(call);
  const algorithm = algorithmOfCopy(call, original);
  const whole = { start: 0, end: original.size - 1 };
  const { segment, md5, checksum } = await copyBody(call, original, whole, algorithm);
  const version = commitVersion(call, [segment], (current) => {
    requireWriteConditions(call);
    return {
      ...description,
      bucket: call.bucket,
      key: call.key,
      versionId: store.newVersionId(current),
      isMarker: false,
      modified: nowOf(call),
      size: original.size,
      etag: md5,
      lock: readLockHeaders(call, current),
      segments: [segment],
      checksum: { algorithm, value: checksum, type: 'FULL_OBJECT' },
    };
  });
  setVersionHeader(call, requireBucket(call), version.versionId);
  if (original.versionId !== 'null') {
    response.setHeader('x-amz-copy-source-version-id', original.versionId);
  }
  setEncryptionHeaders(response, description);
  sendXml(response, 'CopyObjectResult', {
    LastModified: isoTime(version.modified),
    ETag: quoted(version.etag),
    ChecksumType: 'FULL_OBJECT',
    [checksumElement(algorithm)]: checksum,
  });
}
