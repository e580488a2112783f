import type { LocalClock } from '../clock.ts';
import type { LocalAwsError } from './service.ts';
import { signatureRefusal } from './signature-refusal.ts';

/** How far a request's own time may lie from the clock: AWS allows 15 minutes either way. */
const MAX_SKEW_MS = 15 * 60 * 1000;

/** A presigned URL lives seven days at most, S3's limit for Signature Version 4. */
const MAX_PRESIGNED_SECONDS = 7 * 24 * 60 * 60;

/**
 * Judges the time a request was signed at.
 *
 * Two clocks are allowed. Functions run on the embedded clock; a tool started by hand (the AWS
 * CLI, restic) knows only the machine's, and after the embedded clock was moved by a year it could
 * never sign anything else. So a signature is in time when either clock says so. A URL presigned by
 * the machine's clock therefore does not expire because the embedded clock moved.
 *
 * @returns the refusal, or `undefined` when the time is fine.
 */
export function judgeRequestTime(
  clock: LocalClock,
  service: string,
  timestamp: string,
  expiresSeconds: number | undefined,
): LocalAwsError | undefined {
  const signedAt = parseTimestamp(timestamp);
  if (Number.isNaN(signedAt)) {
    return signatureRefusal('malformed', service, `${timestamp} is not a time`);
  }
  const embedded = clock.now().getTime();
  const ages = [embedded - signedAt, embedded - clock.offset() - signedAt];
  if (expiresSeconds === undefined) {
    if (ages.some((age) => Math.abs(age) <= MAX_SKEW_MS)) return undefined;
    return signatureRefusal(
      'skewed',
      service,
      'The difference between the request time and the current time is too large.',
    );
  }
  if (expiresSeconds > MAX_PRESIGNED_SECONDS) {
    return signatureRefusal('too-long', service, 'X-Amz-Expires must be less than a week.');
  }
  const lifetime = expiresSeconds * 1000;
  if (ages.some((age) => age >= -MAX_SKEW_MS && age <= lifetime)) return undefined;
  return ages.every((age) => age < -MAX_SKEW_MS)
    ? signatureRefusal('not-yet-valid', service, 'Request is not valid yet')
    : signatureRefusal('expired', service, 'Request has expired');
}

/**
 * The time an answer bears: the machine's to a request that was signed by it, the embedded one to
 * all others. An SDK that finds another time than its own in a refusal takes its clock for the
 * reason, and repeats the request.
 */
export function answerTime(clock: LocalClock, timestamp: string | string[] | undefined): Date {
  const embedded = clock.now();
  const machine = new Date(embedded.getTime() - clock.offset());
  const age = machine.getTime() - parseTimestamp(String(timestamp));
  return Math.abs(age) <= MAX_SKEW_MS ? machine : embedded;
}

/** @returns milliseconds since 1970, `NaN` for what is no time of a signature. */
function parseTimestamp(timestamp: string): number {
  return Date.parse(
    timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}
