import { checksumElement } from '../checksum/algorithm.ts';
import { requireReadConditions } from '../conditions.ts';
import { MAX_LISTING } from '../limits.ts';
import { headerOf, requireBucket, type S3Call } from '../s3-call.ts';
import { invalidArgument } from '../s3-errors.ts';
import { httpTime, sendXml } from '../send-response.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import type { XmlValue } from '../xml.ts';
import { requireVersion } from './find-version.ts';
import { setVersionHeader } from './write-object.ts';

/** GetObjectAttributes: only what the request names. */
export function getObjectAttributes(call: S3Call): void {
  const bucket = requireBucket(call);
  const version = requireVersion(call);
  requireReadConditions(call, version);
  const { checksum, parts } = version;
  const attributes: Record<string, () => XmlValue> = {
    ETag: () => version.etag,
    Checksum: () =>
      checksum && {
        [checksumElement(checksum.algorithm)]: checksum.value,
        ChecksumType: checksum.type,
      },
    ObjectParts: () => parts && describeParts(call, version),
    StorageClass: () => version.storageClass,
    ObjectSize: () => version.size,
  };
  const named = (headerOf(call, 'x-amz-object-attributes') ?? '')
    .split(',')
    .map((name) => name.trim());
  const unknown = named.find((name) => !Object.hasOwn(attributes, name));
  if (unknown !== undefined) {
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown);
  }
  const content: Record<string, XmlValue> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (named.includes(name)) {
      content[name] = value();
    }
  }
  call.response.setHeader('last-modified', httpTime(version.modified));
  setVersionHeader(call, bucket, version.versionId);
  sendXml(call.response, 'GetObjectAttributesResponse', content);
}

/** Each part is listed only for composite checksums, where clients need them; else only counted. */
function describeParts(call: S3Call, { parts = [], checksum }: ObjectVersion): XmlValue {
  if (checksum?.type !== 'COMPOSITE') {
    return { PartsCount: parts.length };
  }
  const most = Math.min(Number(headerOf(call, 'x-amz-max-parts') ?? MAX_LISTING), MAX_LISTING);
  const marker = Number(headerOf(call, 'x-amz-part-number-marker') ?? 0);
  if (!(Number.isInteger(most) && most >= 0 && Number.isInteger(marker) && marker >= 0)) {
    throw invalidArgument('x-amz-max-parts and x-amz-part-number-marker must be integers');
  }
  // Parts keep the numbers they were uploaded with, gaps included.
  const after = parts.filter((part) => part.partNumber > marker);
  const page = after.slice(0, most);
  return {
    PartsCount: parts.length,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.partNumber ?? 0,
    MaxParts: most,
    IsTruncated: after.length > page.length,
    Part: page.map((part) => ({
      PartNumber: part.partNumber,
      Size: part.size,
      [checksumElement(checksum.algorithm)]: part.checksum,
    })),
  };
}
