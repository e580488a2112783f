import { hasIntegrityHeader } from './checksum/declared-checksum.ts';
import { MAX_RETENTION_DAYS } from './limits.ts';
import { headerOf, nowOf, type S3Call } from './s3-call.ts';
import {
  invalidArgument,
  invalidRequest,
  missingLockConfiguration,
  protectedByLock,
} from './s3-errors.ts';
import type { Bucket, DefaultRetention } from './store/bucket-table.ts';
import type { LockMode, ObjectLock, ObjectVersion } from './store/object-version.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A retention as a request asks for it; both fields or neither. */
export interface Retention {
  readonly mode: LockMode;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** The retention of a lock that has one, expired or not. */
export function retentionOf(lock: ObjectLock): Retention | undefined {
  return lock.mode === undefined || lock.until === undefined
    ? undefined
    : { mode: lock.mode, until: lock.until };
}

function activeRetention(lock: ObjectLock, now: number): Retention | undefined {
  const retention = retentionOf(lock);
  return retention !== undefined && retention.until > now ? retention : undefined;
}

/** Every identity here may bypass GOVERNANCE: permissions are not evaluated. */
export function bypassesGovernance(call: S3Call): boolean {
  return headerOf(call, 'x-amz-bypass-governance-retention')?.toLowerCase() === 'true';
}

/** @throws LocalAwsError `AccessDenied` while a legal hold or a retention protects the version */
export function requireDeletable(version: ObjectVersion, now: number, bypass: boolean): void {
  const retention = activeRetention(version.lock, now);
  const retained = retention !== undefined && !(retention.mode === 'GOVERNANCE' && bypass);
  if (version.lock.legalHold || retained) {
    throw protectedByLock();
  }
}

/**
 * COMPLIANCE can only be extended. GOVERNANCE can be extended or become COMPLIANCE; anything
 * weaker needs the bypass header. An expired retention can be replaced freely.
 * @param next - `undefined` to remove the retention
 * @throws LocalAwsError `AccessDenied`
 */
export function requireRetentionChange(
  current: ObjectLock,
  next: Retention | undefined,
  now: number,
  bypass: boolean,
): void {
  const active = activeRetention(current, now);
  if (active === undefined) {
    return;
  }
  const shortened = next === undefined || next.until < active.until;
  const weakened = active.mode === 'COMPLIANCE' && next?.mode !== 'COMPLIANCE';
  const allowed = active.mode === 'GOVERNANCE' && bypass;
  if ((shortened || weakened) && !allowed) {
    throw protectedByLock();
  }
}

/**
 * Reads a retention's two fields.
 * @throws LocalAwsError `InvalidArgument` for an unknown mode, or a date that is malformed, past or
 *   further than 100 years away
 */
export function parseRetention(mode: string, until: string, now: number): Retention {
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') {
    throw invalidArgument('Unknown wormMode directive.', 'x-amz-object-lock-mode', mode);
  }
  const time = /^\d{4}-\d{2}-\d{2}T/.test(until) ? Date.parse(until) : Number.NaN;
  const name = 'x-amz-object-lock-retain-until-date';
  if (Number.isNaN(time)) {
    throw invalidArgument('The retain until date must be provided in ISO 8601 format', name, until);
  }
  if (time <= now) {
    throw invalidArgument('The retain until date must be in the future!', name, until);
  }
  if (time - now > MAX_RETENTION_DAYS * DAY_MS) {
    throw invalidArgument('The retain until date must be within 100 years', name, until);
  }
  return { mode, until: time };
}

/** Retention a lock bucket's default gives an object written at `now`. */
function defaultLock(retention: DefaultRetention, now: number): Retention {
  const until = new Date(now);
  if (retention.unit === 'Days') {
    until.setUTCDate(until.getUTCDate() + retention.amount);
  } else {
    until.setUTCFullYear(until.getUTCFullYear() + retention.amount);
  }
  return { mode: retention.mode, until: until.getTime() };
}

/**
 * The lock a write asks for in its headers, completed by the bucket's default retention.
 * @throws LocalAwsError `InvalidRequest` when the bucket has no Object Lock
 * @throws LocalAwsError `InvalidArgument` for headers that are incomplete or malformed
 */
export function readLockHeaders(call: S3Call, bucket: Bucket): ObjectLock {
  const mode = headerOf(call, 'x-amz-object-lock-mode');
  const until = headerOf(call, 'x-amz-object-lock-retain-until-date');
  const hold = headerOf(call, 'x-amz-object-lock-legal-hold');
  if (!bucket.objectLock) {
    if (mode !== undefined || until !== undefined || hold !== undefined) {
      throw missingLockConfiguration();
    }
    return { legalHold: false };
  }
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    );
  }
  if (hold !== undefined && hold !== 'ON' && hold !== 'OFF') {
    throw invalidArgument('Legal Hold must be either of ON or OFF', undefined, hold);
  }
  const now = nowOf(call);
  const retention =
    mode !== undefined && until !== undefined
      ? parseRetention(mode, until, now)
      : bucket.defaultRetention && defaultLock(bucket.defaultRetention, now);
  return { legalHold: hold === 'ON', ...retention };
}

/**
 * S3 takes a body for a locked object only with a checksum.
 * @param request - the kind named in the message
 * @throws LocalAwsError `InvalidRequest`
 */
export function requireIntegrityForLock(
  call: S3Call,
  lock: ObjectLock,
  request: 'Put Object' | 'Put Part',
): void {
  const locked = lock.mode !== undefined || lock.legalHold;
  if (locked && !hasIntegrityHeader(call.request.headers)) {
    throw invalidRequest(
      `Content-MD5 OR x-amz-checksum- HTTP header is required for ${request} requests with Object Lock parameters`,
    );
  }
}

/** Sets the lock headers of a version. */
export function setLockHeaders(call: S3Call, lock: ObjectLock): void {
  const retention = retentionOf(lock);
  if (retention !== undefined) {
    call.response.setHeader('x-amz-object-lock-mode', retention.mode);
    call.response.setHeader(
      'x-amz-object-lock-retain-until-date',
      new Date(retention.until).toISOString(),
    );
  }
  if (lock.legalHold) {
    call.response.setHeader('x-amz-object-lock-legal-hold', 'ON');
  }
}
