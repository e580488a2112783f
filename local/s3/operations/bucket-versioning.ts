import { LocalAwsError } from '../../gateway/service.ts';
import { hasIntegrityHeader } from '../checksum/declared-checksum.ts';
import { MAX_DOCUMENT_BYTES, MAX_RETENTION_DAYS } from '../limits.ts';
import { receiveDocument } from '../receive-payload.ts';
import { requireBucket, type S3Call } from '../s3-call.ts';
import { invalidArgument, invalidRequest, malformedXml, notImplemented } from '../s3-errors.ts';
import { sendEmpty, sendXml } from '../send-response.ts';
import type { DefaultRetention } from '../store/bucket-table.ts';
import { childrenOf, parseXml, textAt, type XmlElement } from '../xml.ts';

/** GetBucketVersioning. */
export function getBucketVersioning(call: S3Call): void {
  const { versioning } = requireBucket(call);
  sendXml(
    call.response,
    'VersioningConfiguration',
    versioning === '' ? '' : { Status: versioning },
  );
}

/** PutBucketVersioning: a lock bucket stays versioned for good. */
export async function putBucketVersioning(call: S3Call): Promise<void> {
  const document = parseXml(await receiveDocument(call.request, MAX_DOCUMENT_BYTES));
  const status = textAt(document, 'Status');
  if (document.name !== 'VersioningConfiguration') {
    throw malformedXml();
  }
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw new LocalAwsError(
      'IllegalVersioningConfigurationException',
      400,
      'The Versioning element must be specified',
    );
  }
  const bucket = requireBucket(call);
  if (bucket.objectLock && status === 'Suspended') {
    throw new LocalAwsError(
      'InvalidBucketState',
      409,
      'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    );
  }
  call.store.buckets.setVersioning(bucket.name, status);
  sendEmpty(call.response, 200);
}

/** GetObjectLockConfiguration. */
export function getObjectLockConfiguration(call: S3Call): void {
  const { objectLock, defaultRetention } = requireBucket(call);
  if (!objectLock) {
    throw new LocalAwsError(
      'ObjectLockConfigurationNotFoundError',
      404,
      'Object Lock configuration does not exist for this bucket',
      { BucketName: call.bucket },
    );
  }
  sendXml(call.response, 'ObjectLockConfiguration', {
    ObjectLockEnabled: 'Enabled',
    Rule: defaultRetention && {
      DefaultRetention: {
        Mode: defaultRetention.mode,
        [defaultRetention.unit]: defaultRetention.amount,
      },
    },
  });
}

/**
 * PutObjectLockConfiguration: sets the default retention. It can turn Object Lock on, never off.
 */
export async function putObjectLockConfiguration(call: S3Call): Promise<void> {
  if (!hasIntegrityHeader(call.request.headers)) {
    throw invalidRequest(
      'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    );
  }
  const document = parseXml(await receiveDocument(call.request, MAX_DOCUMENT_BYTES));
  const enabled = textAt(document, 'ObjectLockEnabled');
  if (document.name !== 'ObjectLockConfiguration' || enabled !== 'Enabled') {
    throw malformedXml();
  }
  const rules = childrenOf(document, 'Rule');
  const retention = rules[0] && parseDefaultRetention(rules[0]);
  const bucket = requireBucket(call);
  if (bucket.versioning !== 'Enabled') {
    throw new LocalAwsError(
      'InvalidBucketState',
      409,
      "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    );
  }
  call.store.buckets.setObjectLock(bucket.name, retention);
  sendEmpty(call.response, 200);
}

function parseDefaultRetention(rule: XmlElement): DefaultRetention {
  if (childrenOf(rule, 'DefaultEventHold').length > 0) {
    throw notImplemented('local s3 has no DefaultEventHold; it has: DefaultRetention');
  }
  const mode = textAt(rule, 'DefaultRetention', 'Mode');
  const days = textAt(rule, 'DefaultRetention', 'Days');
  const years = textAt(rule, 'DefaultRetention', 'Years');
  const given = days ?? years;
  if (
    (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') ||
    given === undefined ||
    (days !== undefined && years !== undefined)
  ) {
    throw malformedXml();
  }
  const unit = days === undefined ? 'Years' : 'Days';
  const amount = Number(given);
  if (!(Number.isInteger(amount) && amount >= 1)) {
    throw invalidArgument('Default retention period must be a positive integer value');
  }
  if (amount > (unit === 'Days' ? MAX_RETENTION_DAYS : MAX_RETENTION_DAYS / 365)) {
    throw invalidArgument('Default retention period is too large.');
  }
  return { mode, unit, amount };
}
