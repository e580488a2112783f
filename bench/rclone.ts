import { existsSync } from 'node:fs';
import { type BackupTool, bytesBelow } from './backup-tool.ts';
import type { EmbeddedAws } from './embedded-aws-process.ts';
import { clientsOf, INSTALLATION, PLAIN_BUCKET } from './installation.ts';
import { runProcess } from './run-process.ts';

/** Debian package `rclone`. */
const RCLONE = '/usr/bin/rclone';

/**
 * rclone with its crypt layer, everything else as it comes.
 * @param prefix - in the plain bucket, where the encrypted files go.
 * @param home - a folder for its settings.
 * @returns `null` where rclone is not installed.
 */
export function rcloneTool(aws: EmbeddedAws, prefix: string, home: string): BackupTool | null {
  if (!existsSync(RCLONE)) {
    return null;
  }
  const env: Record<string, string> = {
    HOME: home,
    RCLONE_CONFIG_STORE_TYPE: 's3',
    // With `AWS` it ignores the path style that a loopback address needs.
    RCLONE_CONFIG_STORE_PROVIDER: 'Minio',
    RCLONE_CONFIG_STORE_ENDPOINT: aws.endpoint,
    RCLONE_CONFIG_STORE_REGION: INSTALLATION.regions.primary,
    RCLONE_CONFIG_STORE_ACCESS_KEY_ID: 'operator',
    RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: 'operator-secret',
    RCLONE_CONFIG_STORE_NO_CHECK_BUCKET: 'true',
    RCLONE_CONFIG_SECRET_TYPE: 'crypt',
    RCLONE_CONFIG_SECRET_REMOTE: `store:${PLAIN_BUCKET}/${prefix}`,
  };
  const rclone = (...args: string[]) => runProcess({ command: RCLONE, args, env });
  return {
    name: 'rclone',
    async prepare() {
      const { stdout } = await rclone('obscure', 'bench');
      env.RCLONE_CONFIG_SECRET_PASSWORD = stdout.trim();
    },
    push: (folder) => rclone('copy', folder, 'secret:'),
    restore: (folder) => rclone('copy', 'secret:', folder),
    storedBytes: () => bytesBelow(clientsOf(aws.endpoint), PLAIN_BUCKET, `${prefix}/`),
  };
}
