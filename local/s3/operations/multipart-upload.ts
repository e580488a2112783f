import { randomBytes } from 'node:crypto';
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  canBeFullObject,
} from '../checksum/algorithm.ts';
import { parseAlgorithm } from '../checksum/declared-checksum.ts';
import { readDescription, setEncryptionHeaders } from '../object-description.ts';
import { readLockHeaders } from '../object-lock.ts';
import { headerOf, nowOf, requireBucket, type S3Call } from '../s3-call.ts';
import { invalidRequest, noSuchUpload } from '../s3-errors.ts';
import { sendEmpty, sendXml } from '../send-response.ts';
import type { Upload } from '../store/upload-table.ts';

/** @throws LocalAwsError `NoSuchUpload`, also for an upload of another key */
export function requireUpload(call: S3Call): Upload {
  const uploadId = call.query.get('uploadId') ?? '';
  const upload = call.store.uploads.find(call.bucket, call.key, uploadId);
  if (upload === undefined) {
    throw noSuchUpload(uploadId);
  }
  return upload;
}

/**
 * Algorithm and type of the checksum to come. Without a type, the CRC64NVME covers the whole
 * object and the others the list of parts, as S3 chooses.
 */
function readChecksumPlan(call: S3Call): { algorithm?: ChecksumAlgorithm; type: ChecksumType } {
  const named = headerOf(call, 'x-amz-checksum-algorithm');
  const type = headerOf(call, 'x-amz-checksum-type');
  if (named === undefined) {
    if (type !== undefined) {
      throw invalidRequest(
        'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
      );
    }
    return { type: 'FULL_OBJECT' };
  }
  const algorithm = parseAlgorithm(named);
  const preset = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const chosen = type ?? preset;
  const allowed =
    chosen === 'FULL_OBJECT'
      ? canBeFullObject(algorithm)
      : chosen === 'COMPOSITE' && algorithm !== 'CRC64NVME';
  if (!allowed) {
    throw invalidRequest(
      `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: chosen as ChecksumType };
}

/** CreateMultipartUpload: lock, metadata and checksum of the object are fixed here. */
export function createMultipartUpload(call: S3Call): void {
  const { response } = call;
  const bucket = requireBucket(call);
  const description = readDescription(call);
  const { algorithm, type } = readChecksumPlan(call);
  const upload: Upload = {
    uploadId: randomBytes(32).toString('base64url'),
    bucket: bucket.name,
    key: call.key,
    initiated: nowOf(call),
    plan: {
      ...description,
      lock: readLockHeaders(call, bucket),
      checksumType: type,
      ...(algorithm === undefined ? {} : { algorithm }),
    },
  };
  call.store.uploads.insert(upload);
  if (algorithm !== undefined) {
    response.setHeader('x-amz-checksum-algorithm', algorithm);
    response.setHeader('x-amz-checksum-type', type);
  }
  setEncryptionHeaders(response, description);
  sendXml(response, 'InitiateMultipartUploadResult', {
    Bucket: bucket.name,
    Key: call.key,
    UploadId: upload.uploadId,
  });
}

/** AbortMultipartUpload. */
export function abortMultipartUpload(call: S3Call): void {
  requireBucket(call);
  const { uploads, files } = call.store;
  const { uploadId } = requireUpload(call);
  const parts = uploads.parts(uploadId);
  uploads.remove(uploadId);
  files.remove(parts.map((part) => part.segment));
  sendEmpty(call.response, 204);
}
