import { LocalAwsError } from '../gateway/service.ts';

/** HTTP status of KMS's client errors; DryRun's own is 412. */
const CLIENT_ERROR = 400;

/** An error of KMS, as the SDKs know it by `code`. */
export function kmsError(code: string, message: string): LocalAwsError {
  return new LocalAwsError(code, CLIENT_ERROR, message);
}

/** A parameter KMS would refuse before looking at any key. */
export function invalidParameter(message: string): LocalAwsError {
  return kmsError('ValidationException', message);
}

/** A parameter value AWS knows and the embedded KMS does not. */
export function unsupportedParameter(message: string): LocalAwsError {
  return kmsError('UnsupportedOperationException', `local kms: ${message}`);
}

/** A DryRun call that would have succeeded. */
export function dryRunSucceeded(): LocalAwsError {
  return new LocalAwsError(
    'DryRunOperationException',
    412,
    'The request would have succeeded, but DryRun was set.',
  );
}
