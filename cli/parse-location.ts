import { usageError } from './cli-error.ts';

/** An S3 prefix as the admin API takes it. */
export interface S3Location {
  readonly bucket: string;
  /** Empty, or ending in a slash. */
  readonly prefix: string;
}

/**
 * Reads `s3://bucket/prefix`. A slash at the end may be left out: a prefix always names a folder.
 * @param option - the option it came from, for the message.
 * @throws CliError `USAGE`.
 */
export function parseS3Location(text: string, option: string): S3Location {
  const [, bucket, rest = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*))?$/s.exec(text) ?? [];
  if (bucket === undefined) {
    throw usageError(`${option} is not an S3 location.`, 'Write it as s3://bucket/prefix/.');
  }
  const prefix = rest === '' || rest.endsWith('/') ? rest : `${rest}/`;
  return { bucket, prefix };
}

/** @returns whether a restore's target is in S3; anything else is a folder. */
export function isS3Location(text: string): boolean {
  return text.startsWith('s3:');
}
