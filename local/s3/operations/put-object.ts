import { checksumHeader } from '../checksum/algorithm.ts';
import { requireWriteConditions } from '../conditions.ts';
import { readDescription, setEncryptionHeaders } from '../object-description.ts';
import { readLockHeaders, requireIntegrityForLock } from '../object-lock.ts';
import { nowOf, requireBucket, type S3Call } from '../s3-call.ts';
import { quoted, sendEmpty } from '../send-response.ts';
import { commitVersion, setVersionHeader, storeRequestBody } from './write-object.ts';

/**
 * PutObject: checks what can be checked before the body, takes the body in, then adds the version
 * under the conditions and the default retention that hold at that moment.
 */
export async function putObject(call: S3Call): Promise<void> {
  const { response, store } = call;
  const bucket = requireBucket(call);
  const description = readDescription(call);
  requireIntegrityForLock(call, readLockHeaders(call, bucket), 'Put Object');
  requireWriteConditions(call);
  const { segment, learned } = await storeRequestBody(call);
  const version = commitVersion(call, [segment], (current) => {
    requireWriteConditions(call);
    return {
      ...description,
      bucket: call.bucket,
      key: call.key,
      versionId: store.newVersionId(current),
      isMarker: false,
      modified: nowOf(call),
      size: learned.size,
      etag: learned.md5,
      lock: readLockHeaders(call, current),
      segments: [segment],
      checksum: { algorithm: learned.algorithm, value: learned.checksum, type: 'FULL_OBJECT' },
    };
  });
  response.setHeader('etag', quoted(version.etag));
  response.setHeader(checksumHeader(learned.algorithm), learned.checksum);
  response.setHeader('x-amz-checksum-type', 'FULL_OBJECT');
  setEncryptionHeaders(response, description);
  setVersionHeader(call, requireBucket(call), version.versionId);
  sendEmpty(response, 200);
}
