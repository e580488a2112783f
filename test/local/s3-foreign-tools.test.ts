import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBucket, type S3ForTest, startS3ForTest, TEST_REGION } from '../support/s3-for-test.ts';

const run = promisify(execFile);

/** Debian packages `restic` and `rclone`: S3 clients written by others (minio-go, aws-sdk-go). */
const RESTIC = '/usr/bin/restic';
const RCLONE = '/usr/bin/rclone';

/** restic alone derives its key from the password anew, slowly by design, at every call. */
const TOOLS_TIMEOUT_MS = 120_000;

const FILES: Readonly<Record<string, Buffer>> = {
  'empty.txt': Buffer.alloc(0),
  'small.txt': Buffer.from('content'),
  'folder/名前 with spaces+plus%41.txt': Buffer.from('unicode'),
  'folder/deeper/e\u0301 & <quotes>"\'.bin': randomBytes(100_000),
  'large.bin': randomBytes(12 * 1024 * 1024),
};

let s3: S3ForTest;
let work: string;
let source: string;
beforeAll(async () => {
  s3 = await startS3ForTest();
  work = mkdtempSync(join(tmpdir(), 's3-foreign-'));
  source = join(work, 'source');
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), content);
  }
});
afterAll(async () => {
  await s3.close();
  rmSync(work, { recursive: true, force: true });
});

/** Relative names and hashes of everything below a directory. */
function fingerprint(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    names.map((name) => [
      name.slice(directory.length + 1),
      createHash('sha256').update(readFileSync(name)).digest('hex'),
    ]),
  );
}

describe.skipIf(!existsSync(RESTIC))('restic (skipped where /usr/bin/restic is missing)', () => {
  async function restic(bucket: string, ...args: string[]): Promise<string> {
    const options = ['--no-cache', '-o', `s3.region=${TEST_REGION}`, '-o', 's3.bucket-lookup=path'];
    const { stdout } = await run(RESTIC, [...options, ...args], {
      env: {
        HOME: work,
        AWS_ACCESS_KEY_ID: 'operator',
        AWS_SECRET_ACCESS_KEY: 'operator-secret',
        RESTIC_PASSWORD: 'password',
        RESTIC_REPOSITORY: `s3:${s3.endpoint}/${bucket}/repository`,
      },
    });
    return stdout;
  }

  test('backs up, lists, prunes and restores', { timeout: TOOLS_TIMEOUT_MS }, async () => {
    const bucket = await makeBucket(s3, 'for-restic');
    await restic(bucket, 'init');
    await restic(bucket, 'backup', source);
    writeFileSync(join(source, 'added.txt'), 'second snapshot');
    await restic(bucket, 'backup', source);
    const snapshots: unknown = JSON.parse(await restic(bucket, 'snapshots', '--json'));
    expect(snapshots).toHaveLength(2);
    await restic(bucket, 'forget', '--keep-last', '1', '--prune');
    const target = join(work, 'restic-restored');
    await restic(bucket, 'restore', 'latest', '--target', target);
    expect(fingerprint(join(target, source))).toEqual(fingerprint(source));
  });
});

describe.skipIf(!existsSync(RCLONE))('rclone (skipped where /usr/bin/rclone is missing)', () => {
  async function rclone(provider: string, ...args: string[]): Promise<string> {
    const { stdout } = await run(RCLONE, [...args, '--retries', '1', '--low-level-retries', '1'], {
      env: {
        HOME: work,
        RCLONE_CONFIG_LOCAL_TYPE: 's3',
        // With `AWS` it ignores path style, and bucket names under 127.0.0.1 do not resolve.
        RCLONE_CONFIG_LOCAL_PROVIDER: provider,
        RCLONE_CONFIG_LOCAL_ENDPOINT: s3.endpoint,
        RCLONE_CONFIG_LOCAL_REGION: TEST_REGION,
        RCLONE_CONFIG_LOCAL_LOCATION_CONSTRAINT: TEST_REGION,
        RCLONE_CONFIG_LOCAL_ACCESS_KEY_ID: 'operator',
        RCLONE_CONFIG_LOCAL_SECRET_ACCESS_KEY: 'operator-secret',
        // Makes the large file a multipart upload.
        RCLONE_CONFIG_LOCAL_UPLOAD_CUTOFF: '5M',
        RCLONE_CONFIG_LOCAL_CHUNK_SIZE: '5M',
      },
    });
    return stdout;
  }

  // As `Minio` it lists with ListObjectsV2 and url encoding, as `Other` with ListObjects.
  test.each(['Minio', 'Other'])(
    'copies, lists, checks and deletes as %s',
    { timeout: TOOLS_TIMEOUT_MS },
    async (provider) => {
      const remote = `local:for-rclone-${provider.toLowerCase()}`;
      const call = (...args: string[]) => rclone(provider, ...args);
      await call('mkdir', remote);
      await call('copy', source, `${remote}/files`);
      const listed = (await call('lsf', '-R', '--files-only', `${remote}/files`)).trim();
      expect(listed.split('\n').sort()).toEqual(Object.keys(fingerprint(source)).sort());
      await call('check', source, `${remote}/files`, '--download');
      await call('copy', `${remote}/files`, `${remote}/copied`);
      const target = join(work, `rclone-${provider}`);
      await call('copy', `${remote}/copied`, target);
      expect(fingerprint(target)).toEqual(fingerprint(source));
      await call('purge', `${remote}/files`);
      expect(await call('lsf', remote)).toBe('copied/\n');
    },
  );
});
