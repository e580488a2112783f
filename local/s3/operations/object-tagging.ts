import { MAX_DOCUMENT_BYTES } from '../limits.ts';
import { parseTagDocument, tagDocument } from '../object-tags.ts';
import { receiveDocument } from '../receive-payload.ts';
import { requireBucket, type S3Call } from '../s3-call.ts';
import { sendEmpty, sendXml } from '../send-response.ts';
import { parseXml } from '../xml.ts';
import { requireVersion } from './find-version.ts';
import { setVersionHeader } from './write-object.ts';

/** GetObjectTagging. */
export function getObjectTagging(call: S3Call): void {
  const bucket = requireBucket(call);
  const version = requireVersion(call);
  setVersionHeader(call, bucket, version.versionId);
  sendXml(call.response, 'Tagging', tagDocument(version.tags));
}

/** PutObjectTagging: replaces all tags. */
export async function putObjectTagging(call: S3Call): Promise<void> {
  const tags = parseTagDocument(parseXml(await receiveDocument(call.request, MAX_DOCUMENT_BYTES)));
  const bucket = requireBucket(call);
  const version = requireVersion(call);
  call.store.versions.setTags(version, tags);
  setVersionHeader(call, bucket, version.versionId);
  sendEmpty(call.response, 200);
}

/** DeleteObjectTagging. */
export function deleteObjectTagging(call: S3Call): void {
  const bucket = requireBucket(call);
  const version = requireVersion(call);
  call.store.versions.setTags(version, []);
  setVersionHeader(call, bucket, version.versionId);
  sendEmpty(call.response, 204);
}
