import { LocalAwsError } from '../../gateway/service.ts';
import { hasIntegrityHeader } from '../checksum/declared-checksum.ts';
import { requireMatch } from '../conditions.ts';
import { MAX_DELETES, MAX_DOCUMENT_BYTES } from '../limits.ts';
import { bypassesGovernance, requireDeletable } from '../object-lock.ts';
import { requireKeyLength } from '../parse-address.ts';
import { receiveDocument } from '../receive-payload.ts';
import { headerOf, nowOf, requireBucket, type S3Call } from '../s3-call.ts';
import { invalidRequest, malformedXml } from '../s3-errors.ts';
import { sendEmpty, sendXml } from '../send-response.ts';
import type { Bucket } from '../store/bucket-table.ts';
import { UNLOCKED } from '../store/object-version.ts';
import { childrenOf, parseXml, textAt, type XmlElement } from '../xml.ts';
import { requestedVersion } from './find-version.ts';

/** One object to delete. */
interface Deletion {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
}

/** What a deletion did. */
interface Deleted {
  /** A marker was added or removed. */
  readonly isMarker: boolean;
  readonly versionId: string | undefined;
}

/**
 * Deletes one version for good, or, without a version id, puts a delete marker in front.
 * Deleting what does not exist succeeds.
 * @throws LocalAwsError `AccessDenied` for a locked version
 */
function deleteOne(call: S3Call, bucket: Bucket, deletion: Deletion): Deleted {
  const { store } = call;
  const { key, versionId } = deletion;
  const target =
    versionId === undefined
      ? store.versions.current(bucket.name, key)
      : store.versions.byId(bucket.name, key, versionId);
  if (deletion.ifMatch !== undefined) {
    requireMatch(deletion.ifMatch, target?.isMarker ? undefined : target);
  }
  if (versionId === undefined && bucket.versioning !== '') {
    return addMarker(call, bucket, key);
  }
  if (target !== undefined) {
    requireDeletable(target, nowOf(call), bypassesGovernance(call));
    store.removeVersion(target);
  }
  return { isMarker: target?.isMarker ?? false, versionId };
}

function addMarker(call: S3Call, bucket: Bucket, key: string): Deleted {
  const { store } = call;
  const versionId = store.newVersionId(bucket);
  const unused = store.transaction(() =>
    store.addVersion({
      bucket: bucket.name,
      key,
      versionId,
      isMarker: true,
      modified: nowOf(call),
      size: 0,
      etag: '',
      lock: UNLOCKED,
      segments: [],
      headers: {},
      userMetadata: {},
      tags: [],
      storageClass: 'STANDARD',
      encryption: {},
    }),
  );
  store.files.remove(unused);
  return { isMarker: true, versionId };
}

/** DeleteObject. */
export function deleteObject(call: S3Call): void {
  const bucket = requireBucket(call);
  const deleted = deleteOne(call, bucket, {
    key: call.key,
    versionId: requestedVersion(call),
    ifMatch: headerOf(call, 'if-match'),
  });
  if (deleted.isMarker) {
    call.response.setHeader('x-amz-delete-marker', 'true');
  }
  if (deleted.versionId !== undefined) {
    call.response.setHeader('x-amz-version-id', deleted.versionId);
  }
  sendEmpty(call.response, 204);
}

/** DeleteObjects: each object on its own; a refused one is reported, the others are deleted. */
export async function deleteObjects(call: S3Call): Promise<void> {
  if (!hasIntegrityHeader(call.request.headers)) {
    throw invalidRequest(
      'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    );
  }
  const document = parseXml(await receiveDocument(call.request, MAX_DOCUMENT_BYTES));
  const deletions = childrenOf(document, 'Object').map(parseDeletion);
  if (document.name !== 'Delete' || deletions.length === 0 || deletions.length > MAX_DELETES) {
    throw malformedXml();
  }
  const bucket = requireBucket(call);
  const quiet = textAt(document, 'Quiet') === 'true';
  const outcomes = deletions.map((deletion) => attempt(call, bucket, deletion));
  sendXml(call.response, 'DeleteResult', {
    Deleted: quiet ? [] : outcomes.flatMap(({ done }) => done ?? []),
    Error: outcomes.flatMap(({ failed }) => failed ?? []),
  });
}

function attempt(call: S3Call, bucket: Bucket, deletion: Deletion) {
  const { key, versionId } = deletion;
  try {
    requireKeyLength(key);
    const deleted = deleteOne(call, bucket, deletion);
    return {
      done: {
        Key: key,
        VersionId: versionId,
        DeleteMarker: deleted.isMarker ? true : undefined,
        DeleteMarkerVersionId: deleted.isMarker ? deleted.versionId : undefined,
      },
    };
  } catch (error) {
    if (!(error instanceof LocalAwsError)) {
      throw error;
    }
    return {
      failed: { Key: key, VersionId: versionId, Code: error.code, Message: error.message },
    };
  }
}

function parseDeletion(object: XmlElement): Deletion {
  const key = textAt(object, 'Key');
  if (key === undefined || key === '') {
    throw malformedXml();
  }
  const versionId = textAt(object, 'VersionId');
  return {
    key,
    versionId: versionId === '' ? undefined : versionId,
    ifMatch: textAt(object, 'ETag'),
  };
}
