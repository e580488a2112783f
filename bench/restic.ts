import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BackupTool, bytesBelow } from './backup-tool.ts';
import type { EmbeddedAws } from './embedded-aws-process.ts';
import { clientsOf, INSTALLATION, PLAIN_BUCKET } from './installation.ts';
import { type ProcessCost, runProcess } from './run-process.ts';

/** Debian package `restic`. */
const RESTIC = '/usr/bin/restic';

/**
 * restic as it comes: compression `auto`, packs of 16 MiB, its cache on the local disk.
 * @param prefix - of its repository in the plain bucket.
 * @param home - a folder for its cache.
 * @returns `null` where restic is not installed.
 */
export function resticTool(aws: EmbeddedAws, prefix: string, home: string): BackupTool | null {
  if (!existsSync(RESTIC)) {
    return null;
  }
  const restic = (args: string[], cwd?: string): Promise<ProcessCost> =>
    runProcess({
      command: RESTIC,
      args: [
        ...['-o', `s3.region=${INSTALLATION.regions.primary}`, '-o', 's3.bucket-lookup=path'],
        ...args,
      ],
      env: {
        ...aws.env,
        HOME: home,
        RESTIC_CACHE_DIR: join(home, 'restic-cache'),
        RESTIC_PASSWORD: 'bench',
        RESTIC_REPOSITORY: `s3:${aws.endpoint}/${PLAIN_BUCKET}/${prefix}`,
      },
      ...(cwd === undefined ? {} : { cwd }),
    });
  return {
    name: 'restic',
    prepare: async () => void (await restic(['init'])),
    push: (folder) => restic(['backup', '--quiet', '.'], folder),
    restore: (folder) => restic(['restore', '--quiet', 'latest', '--target', folder]),
    storedBytes: () => bytesBelow(clientsOf(aws.endpoint), PLAIN_BUCKET, `${prefix}/`),
  };
}
