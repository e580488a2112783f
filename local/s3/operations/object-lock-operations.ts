import { LocalAwsError } from '../../gateway/service.ts';
import { hasIntegrityHeader } from '../checksum/declared-checksum.ts';
import { MAX_DOCUMENT_BYTES } from '../limits.ts';
import {
  bypassesGovernance,
  parseRetention,
  type Retention,
  requireRetentionChange,
  retentionOf,
} from '../object-lock.ts';
import { receiveDocument } from '../receive-payload.ts';
import { nowOf, requireBucket, type S3Call } from '../s3-call.ts';
import {
  invalidRequest,
  malformedXml,
  methodNotAllowed,
  missingLockConfiguration,
  notImplemented,
} from '../s3-errors.ts';
import { isoTime, sendEmpty, sendXml } from '../send-response.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import { parseXml, textAt, type XmlElement } from '../xml.ts';
import { requireVersion } from './find-version.ts';

const RETENTION_ELEMENTS = ['Mode', 'RetainUntilDate'];

function requireLockedVersion(call: S3Call): ObjectVersion {
  if (!requireBucket(call).objectLock) {
    throw missingLockConfiguration();
  }
  const { store, query } = call;
  if (!query.has('versionId') && store.versions.current(call.bucket, call.key)?.isMarker) {
    throw methodNotAllowed('DeleteMarker');
  }
  return requireVersion(call);
}

function noLockConfiguration(): LocalAwsError {
  return new LocalAwsError(
    'NoSuchObjectLockConfiguration',
    404,
    'The specified object does not have a ObjectLock configuration',
  );
}

async function receiveLockDocument(call: S3Call, root: string): Promise<XmlElement> {
  if (!hasIntegrityHeader(call.request.headers)) {
    throw invalidRequest('Content-MD5 OR x-amz-checksum- HTTP header is required');
  }
  const document = parseXml(await receiveDocument(call.request, MAX_DOCUMENT_BYTES));
  if (document.name !== root) {
    throw malformedXml();
  }
  return document;
}

/** GetObjectRetention: an expired retention is still reported, as S3 does. */
export function getObjectRetention(call: S3Call): void {
  const retention = retentionOf(requireLockedVersion(call).lock);
  if (retention === undefined) {
    throw noLockConfiguration();
  }
  sendXml(call.response, 'Retention', {
    Mode: retention.mode,
    RetainUntilDate: isoTime(retention.until),
  });
}

/** PutObjectRetention: an empty document removes a retention where that is allowed. */
export async function putObjectRetention(call: S3Call): Promise<void> {
  const document = await receiveLockDocument(call, 'Retention');
  const version = requireLockedVersion(call);
  const now = nowOf(call);
  const next = parseRetentionDocument(document, now);
  requireRetentionChange(version.lock, next, now, bypassesGovernance(call));
  call.store.versions.setLock(version.seq, { ...next, legalHold: version.lock.legalHold });
  sendEmpty(call.response, 200);
}

function parseRetentionDocument(document: XmlElement, now: number): Retention | undefined {
  const other = document.children.find(({ name }) => !RETENTION_ELEMENTS.includes(name));
  if (other !== undefined) {
    throw notImplemented(
      `local s3 has no ${other.name} of a retention; it has: ${RETENTION_ELEMENTS.join(', ')}`,
    );
  }
  const mode = textAt(document, 'Mode');
  const until = textAt(document, 'RetainUntilDate');
  if (mode === undefined && until === undefined) {
    return undefined;
  }
  if (!mode || !until) {
    throw malformedXml();
  }
  return parseRetention(mode, until, now);
}

/** GetObjectLegalHold. */
export function getObjectLegalHold(call: S3Call): void {
  const { lock } = requireLockedVersion(call);
  sendXml(call.response, 'LegalHold', { Status: lock.legalHold ? 'ON' : 'OFF' });
}

/** PutObjectLegalHold. */
export async function putObjectLegalHold(call: S3Call): Promise<void> {
  const document = await receiveLockDocument(call, 'LegalHold');
  const status = textAt(document, 'Status');
  if (status !== 'ON' && status !== 'OFF') {
    throw malformedXml();
  }
  const version = requireLockedVersion(call);
  call.store.versions.setLock(version.seq, { ...version.lock, legalHold: status === 'ON' });
  sendEmpty(call.response, 200);
}
