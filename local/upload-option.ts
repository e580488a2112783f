import { statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

/** A folder of this machine and the S3 prefix its files are put under. */
export interface Upload {
  readonly folder: string;
  readonly bucket: string;
  /** Empty, or ending in a slash. */
  readonly prefix: string;
}

/** S3's rule for names of buckets, but for reserved beginnings and ends. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Reads one `--upload FOLDER=s3://bucket/prefix/` and adds it to those before it.
 * @throws InvalidArgumentError when it is malformed, or the folder does not exist.
 */
export function parseUpload(text: string, earlier: readonly Upload[] = []): Upload[] {
  const [, folder = '', bucket = '', rest = ''] =
    /^(.+)=s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(text) ?? [];
  if (folder === '') {
    throw new InvalidArgumentError('Write it as FOLDER=s3://bucket/prefix/.');
  }
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) {
    const problem = found === undefined ? 'There is no folder' : 'This is not a folder:';
    throw new InvalidArgumentError(`${problem} ${folder}.`);
  }
  const prefix = rest === '' || rest.endsWith('/') ? rest : `${rest}/`;
  return [...earlier, { folder, bucket: checkedBucket(bucket), prefix }];
}

/**
 * Reads one `--bucket NAME` and adds it to those before it.
 * @throws InvalidArgumentError when S3 would not take the name.
 */
export function parseBucket(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, checkedBucket(text)];
}

function checkedBucket(name: string): string {
  if (!BUCKET.test(name)) {
    throw new InvalidArgumentError(
      `"${name}" is no name for a bucket: 3 to 63 lower-case letters, digits, hyphens and dots.`,
    );
  }
  return name;
}
