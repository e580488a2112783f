import { LocalAwsError } from './service.ts';

/** Why the gateway turns a request away before any service sees it. */
export type RefusalReason =
  | 'unsigned'
  | 'malformed'
  | 'unknown-key'
  | 'wrong-token'
  | 'wrong-signature'
  | 'unsigned-header'
  | 'skewed'
  | 'expired'
  | 'not-yet-valid'
  | 'too-long';

/** HTTP status, code of S3 (XML services), code of the JSON services. */
type Row = readonly [status: number, xml: string, json: string];

const CODES: Readonly<Record<RefusalReason, Row>> = {
  unsigned: [403, 'MissingAuthenticationToken', 'MissingAuthenticationTokenException'],
  malformed: [400, 'AuthorizationHeaderMalformed', 'IncompleteSignatureException'],
  'unknown-key': [403, 'InvalidAccessKeyId', 'UnrecognizedClientException'],
  'wrong-token': [403, 'InvalidToken', 'UnrecognizedClientException'],
  'wrong-signature': [403, 'SignatureDoesNotMatch', 'InvalidSignatureException'],
  'unsigned-header': [403, 'AccessDenied', 'InvalidSignatureException'],
  skewed: [403, 'RequestTimeTooSkewed', 'InvalidSignatureException'],
  expired: [403, 'AccessDenied', 'InvalidSignatureException'],
  'not-yet-valid': [403, 'AccessDenied', 'InvalidSignatureException'],
  'too-long': [400, 'AuthorizationQueryParametersError', 'InvalidSignatureException'],
};

/** The error AWS names for `reason`; S3 and the JSON services use different codes for one thing. */
export function signatureRefusal(
  reason: RefusalReason,
  service: string | undefined,
  message: string,
): LocalAwsError {
  const [status, xml, json] = CODES[reason];
  return new LocalAwsError(service === 's3' ? xml : json, status, message);
}
