import { createReadStream, type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { EmbeddedAws } from './embedded-aws.ts';
import type { Upload } from './upload-option.ts';

/** What shall be in S3 before anybody uses it. */
export interface Contents {
  /** Names of buckets that shall exist. */
  readonly buckets: readonly string[];
  /** Their buckets are made where they are missing; objects already there are replaced. */
  readonly uploads: readonly Upload[];
  /** Told one line per bucket or folder. */
  readonly tell: (line: string) => void;
}

/** A file could not be uploaded, or a bucket not be made; the message says which and why. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
}

/**
 * Makes buckets in the first Region and uploads folders, as the account's root user and over HTTP
 * like any other caller. Links and other special files of a folder are left out.
 * @throws UploadError
 */
export async function fillBuckets(
  aws: Pick<EmbeddedAws, 'endpoint' | 'regions' | 'clock'>,
  { buckets, uploads, tell }: Contents,
): Promise<void> {
  const region = aws.regions[0] ?? 'us-east-1';
  const s3 = new S3Client({
    endpoint: aws.endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded-secret' },
    systemClockOffset: aws.clock.offset(),
  });
  try {
    for (const bucket of new Set([...buckets, ...uploads.map((upload) => upload.bucket)])) {
      const made = await makeBucket(s3, bucket, region);
      tell(`Bucket ${bucket} ${made ? 'was made' : 'is there already'}.`);
    }
    for (const upload of uploads) {
      const files = await uploadFolder(s3, upload);
      const { folder, bucket, prefix } = upload;
      tell(`${folder}: ${files} ${files === 1 ? 'file' : 'files'} put to s3://${bucket}/${prefix}`);
    }
  } finally {
    s3.destroy();
  }
}

/** @returns false when this account has the bucket already. */
async function makeBucket(s3: S3Client, bucket: string, region: string): Promise<boolean> {
  const where = { CreateBucketConfiguration: { LocationConstraint: region as 'eu-central-1' } };
  try {
    // The first of all Regions is the only one that may not be named.
    const constraint = region === 'us-east-1' ? {} : where;
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ...constraint }));
    return true;
  } catch (error) {
    if (error instanceof BucketAlreadyOwnedByYou) return false;
    throw new UploadError(`Bucket ${bucket} cannot be made: ${reasonOf(error)}`, { cause: error });
  }
}

/** One file after the other: folders to try things with are small. @returns how many. */
async function uploadFolder(s3: S3Client, { folder, bucket, prefix }: Upload): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (cause: unknown) => {
      throw new UploadError(`${folder} cannot be read: ${reasonOf(cause)}`, { cause });
    },
  );
  const files = entries.filter((entry) => entry.isFile()).map(pathOf);
  for (const file of files.sort()) {
    const Key = `${prefix}${relative(folder, file).split(sep).join('/')}`;
    try {
      const { size } = await stat(file);
      const Body = createReadStream(file);
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentLength: size }));
    } catch (cause) {
      throw new UploadError(`${file} cannot be uploaded: ${reasonOf(cause)}`, { cause });
    }
  }
  return files.length;
}

function pathOf(entry: Dirent): string {
  return join(entry.parentPath, entry.name);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
