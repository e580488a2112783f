import { LocalAwsError } from '../../gateway/service.ts';
import { parseCopyRange } from '../byte-range.ts';
import { checksumElement, checksumHeader } from '../checksum/algorithm.ts';
import { readDeclaredChecksum } from '../checksum/declared-checksum.ts';
import { MAX_PARTS, MAX_SINGLE_PUT_BYTES } from '../limits.ts';
import { setEncryptionHeaders } from '../object-description.ts';
import { requireIntegrityForLock } from '../object-lock.ts';
import { headerOf, nowOf, requireBucket, type S3Call } from '../s3-call.ts';
import { entityTooLarge, invalidArgument } from '../s3-errors.ts';
import { isoTime, quoted, sendEmpty, sendXml } from '../send-response.ts';
import type { UploadedPart } from '../store/object-version.ts';
import type { Upload } from '../store/upload-table.ts';
import { copyBody, requireCopySource } from './copy-source.ts';
import { requireUpload } from './multipart-upload.ts';
import { storeRequestBody } from './write-object.ts';

function readPartNumber(call: S3Call): number {
  const text = call.query.get('partNumber') ?? '';
  const number = Number(text);
  if (!(/^\d+$/.test(text) && number >= 1 && number <= MAX_PARTS)) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
      'partNumber',
      text,
    );
  }
  return number;
}

/** A part must bring the checksum its upload was created with; S3 then calls it a "mismatch". */
function requirePlannedChecksum(call: S3Call, upload: Upload): void {
  const planned = upload.plan.algorithm;
  const actual = readDeclaredChecksum(call.request.headers).algorithm;
  if (planned !== undefined && planned !== actual) {
    throw new LocalAwsError(
      'InvalidRequest',
      400,
      `Checksum Type mismatch occurred, expected checksum Type: ${planned.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase() ?? 'null'}`,
    );
  }
}

/** Records a part unless the upload ended meanwhile, and drops the part it replaces. */
function recordPart(call: S3Call, part: UploadedPart): void {
  const { store } = call;
  try {
    const replaced = store.transaction(() => {
      const { uploadId } = requireUpload(call);
      const previous = store.uploads.part(uploadId, part.partNumber);
      store.uploads.putPart(uploadId, part);
      return previous;
    });
    store.files.remove(replaced === undefined ? [] : [replaced.segment]);
  } catch (error) {
    store.files.remove([part.segment]);
    throw error;
  }
}

/** UploadPart. */
export async function uploadPart(call: S3Call): Promise<void> {
  requireBucket(call);
  const partNumber = readPartNumber(call);
  const upload = requireUpload(call);
  requireIntegrityForLock(call, upload.plan.lock, 'Put Part');
  requirePlannedChecksum(call, upload);
  const planned = upload.plan.algorithm;
  const { segment, learned } = await storeRequestBody(call, {
    withServerChecksum: planned === undefined,
  });
  recordPart(call, {
    partNumber,
    segment,
    etag: learned.md5,
    modified: nowOf(call),
    algorithm: planned ?? 'CRC64NVME',
    checksum: learned.serverChecksum ?? learned.checksum,
  });
  const { response } = call;
  response.setHeader('etag', quoted(learned.md5));
  if (learned.sentByClient) {
    response.setHeader(checksumHeader(learned.algorithm), learned.checksum);
  }
  setEncryptionHeaders(response, upload.plan);
  sendEmpty(response, 200);
}

/** UploadPartCopy. */
export async function uploadPartCopy(call: S3Call): Promise<void> {
  requireBucket(call);
  const partNumber = readPartNumber(call);
  const upload = requireUpload(call);
  const { version, named } = requireCopySource(call);
  const range = headerOf(call, 'x-amz-copy-source-range');
  const bytes =
    range === undefined ? { start: 0, end: version.size - 1 } : parseCopyRange(range, version.size);
  if (bytes.end - bytes.start + 1 > MAX_SINGLE_PUT_BYTES) {
    throw entityTooLarge(bytes.end - bytes.start + 1, MAX_SINGLE_PUT_BYTES);
  }
  const algorithm = upload.plan.algorithm ?? 'CRC64NVME';
  const { segment, md5, checksum } = await copyBody(call, version, bytes, algorithm);
  const modified = nowOf(call);
  recordPart(call, { partNumber, segment, etag: md5, modified, algorithm, checksum });
  if (named) {
    call.response.setHeader('x-amz-copy-source-version-id', version.versionId);
  }
  sendXml(call.response, 'CopyPartResult', {
    LastModified: isoTime(modified),
    ETag: quoted(md5),
    [checksumElement(algorithm)]: upload.plan.algorithm && checksum,
  });
}
