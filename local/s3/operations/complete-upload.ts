import { createHash } from 'node:crypto';
import { LocalAwsError } from '../../gateway/service.ts';
import {
  checksumElement,
  checksumHeader,
  joinPartChecksums,
  type ObjectChecksum,
} from '../checksum/algorithm.ts';
import { requireWriteConditions } from '../conditions.ts';
import { MAX_DOCUMENT_BYTES, MAX_PARTS, MIN_PART_BYTES } from '../limits.ts';
import { setEncryptionHeaders } from '../object-description.ts';
import { receiveDocument } from '../receive-payload.ts';
import { headerOf, nowOf, requireBucket, type S3Call } from '../s3-call.ts';
import { badDigest, invalidRequest, malformedXml } from '../s3-errors.ts';
import { quoted, sendXml } from '../send-response.ts';
import type { UploadedPart } from '../store/object-version.ts';
import type { Upload } from '../store/upload-table.ts';
import { childrenOf, parseXml, textAt, type XmlElement } from '../xml.ts';
import { requireUpload } from './multipart-upload.ts';
import { setVersionHeader } from './write-object.ts';

/**
 * CompleteMultipartUpload: the parts' files become the object's body as they are, so that nothing
 * is copied; one transaction adds the version and ends the upload.
 */
export async function completeMultipartUpload(call: S3Call): Promise<void> {
  const { store, response } = call;
  const document = parseXml(
    await receiveDocument(call.request, MAX_DOCUMENT_BYTES, { checksumIsOfObject: true }),
  );
  const outcome = store.transaction(() => {
    const bucket = requireBucket(call);
    const upload = requireUpload(call);
    const parts = chooseParts(call, upload, document);
    const checksum = joinChecksum(call, upload, parts);
    requireWriteConditions(call);
    const version = makeVersion(call, upload, parts, checksum, store.newVersionId(bucket));
    const all = store.uploads.parts(upload.uploadId);
    store.uploads.remove(upload.uploadId);
    const used = new Set(parts.map((part) => part.segment.id));
    const unused = all.map((part) => part.segment).filter(({ id }) => !used.has(id));
    return { bucket, upload, version, checksum, unused: [...unused, ...store.addVersion(version)] };
  });
  const { bucket, upload, version, checksum, unused } = outcome;
  store.files.remove(unused);
  setVersionHeader(call, bucket, version.versionId);
  setEncryptionHeaders(response, upload.plan);
  sendXml(response, 'CompleteMultipartUploadResult', {
    Location: `http://${call.request.host}/${call.bucket}/${encodeURIComponent(call.key)}`,
    Bucket: call.bucket,
    Key: call.key,
    ETag: quoted(version.etag),
    [checksumElement(checksum.algorithm)]: checksum.value,
    ChecksumType: checksum.type,
  });
}

function makeVersion(
  call: S3Call,
  upload: Upload,
  parts: readonly UploadedPart[],
  checksum: ObjectChecksum,
  versionId: string,
) {
  const { headers, userMetadata, tags, storageClass, encryption, lock } = upload.plan;
  return {
    headers,
    userMetadata,
    tags,
    storageClass,
    encryption,
    lock,
    bucket: call.bucket,
    key: call.key,
    versionId,
    isMarker: false,
    modified: nowOf(call),
    size: parts.reduce((sum, part) => sum + part.segment.size, 0),
    etag: joinEtags(parts),
    segments: parts.map((part) => part.segment),
    checksum,
    parts: parts.map((part) => ({
      partNumber: part.partNumber,
      size: part.segment.size,
      checksum: part.checksum,
    })),
  };
}

/** S3's ETag of a multipart object: MD5 over the parts' binary MD5s, then their number. */
function joinEtags(parts: readonly UploadedPart[]): string {
  const hash = createHash('md5');
  for (const part of parts) {
    hash.update(Buffer.from(part.etag, 'hex'));
  }
  return `${hash.digest('hex')}-${parts.length}`;
}

/** The uploaded parts the document lists, in order. */
function chooseParts(call: S3Call, upload: Upload, document: XmlElement): UploadedPart[] {
  const listed = childrenOf(document, 'Part');
  if (
    document.name !== 'CompleteMultipartUpload' ||
    listed.length === 0 ||
    listed.length > MAX_PARTS
  ) {
    throw malformedXml();
  }
  let previous = 0;
  const parts = listed.map((element) => {
    const part = requirePart(call, upload, element);
    if (part.partNumber <= previous) {
      throw new LocalAwsError(
        'InvalidPartOrder',
        400,
        'The list of parts was not in ascending order. The parts list must be specified in order by part number.',
      );
    }
    previous = part.partNumber;
    return part;
  });
  requirePartSizes(parts);
  return parts;
}

function requirePart(call: S3Call, upload: Upload, element: XmlElement): UploadedPart {
  const number = Number(textAt(element, 'PartNumber'));
  const etag = textAt(element, 'ETag')
    ?.trim()
    .replace(/^"(.*)"$/, '$1');
  if (!Number.isInteger(number) || etag === undefined) {
    throw malformedXml();
  }
  const part = call.store.uploads.part(upload.uploadId, number);
  const { algorithm, checksumType } = upload.plan;
  const checksum = algorithm && textAt(element, checksumElement(algorithm));
  if (algorithm !== undefined && checksum === undefined && checksumType === 'COMPOSITE') {
    throw invalidRequest(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    );
  }
  const matches = checksum === undefined || checksum === part?.checksum;
  if (part === undefined || part.etag !== etag || !matches) {
    throw new LocalAwsError(
      'InvalidPart',
      400,
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      { UploadId: upload.uploadId, PartNumber: String(number), ETag: etag },
    );
  }
  return part;
}

function requirePartSizes(parts: readonly UploadedPart[]): void {
  const small = parts.slice(0, -1).find((part) => part.segment.size < MIN_PART_BYTES);
  if (small !== undefined) {
    throw new LocalAwsError(
      'EntityTooSmall',
      400,
      'Your proposed upload is smaller than the minimum allowed size',
      {
        ProposedSize: String(small.segment.size),
        MinSizeAllowed: String(MIN_PART_BYTES),
        PartNumber: String(small.partNumber),
        ETag: small.etag,
      },
    );
  }
}

/**
 * The object's checksum; without a planned algorithm the server's own, over the whole object.
 * @throws LocalAwsError `BadDigest` or `InvalidRequest` when the request says something else
 */
function joinChecksum(
  call: S3Call,
  upload: Upload,
  parts: readonly UploadedPart[],
): ObjectChecksum {
  const { algorithm, checksumType: type } = upload.plan;
  const size = parts.reduce((sum, part) => sum + part.segment.size, 0);
  const stated = headerOf(call, 'x-amz-mp-object-size');
  if (stated !== undefined && Number(stated) !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${stated} does not match what was computed: ${size}`,
    );
  }
  const wanted = headerOf(call, 'x-amz-checksum-type');
  if (wanted !== undefined && wanted !== type) {
    throw invalidRequest(
      `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const chosen = algorithm ?? 'CRC64NVME';
  const value = joinPartChecksums(
    chosen,
    type,
    parts.map((part) => ({ value: part.checksum, size: part.segment.size })),
  );
  const expected = headerOf(call, checksumHeader(chosen));
  if (expected !== undefined && expected !== value && `${expected}-${parts.length}` !== value) {
    throw badDigest(chosen);
  }
  return { algorithm: chosen, value, type };
}
