import type { AwsClients } from '../shared/aws/aws-clients.ts';
import { listObjects } from '../shared/aws/list-s3-objects.ts';
import { INSTALLATION } from './installation.ts';
import type { ProcessCost } from './run-process.ts';

/** A program that backs a folder up to the embedded S3 and brings it back. */
export interface BackupTool {
  readonly name: 'holdfast' | 'restic' | 'rclone';
  /** Makes an empty repository. Not measured. */
  prepare(): Promise<void>;
  push(folder: string): Promise<ProcessCost>;
  /** Restores what was pushed last. */
  restore(folder: string): Promise<ProcessCost>;
  /** Bytes of one copy of all it has stored. */
  storedBytes(): Promise<number>;
}

/** @returns bytes of all current objects below a prefix. */
export async function bytesBelow(
  clients: AwsClients,
  bucket: string,
  prefix: string,
): Promise<number> {
  let bytes = 0;
  const client = clients.s3(INSTALLATION.regions.primary);
  for await (const page of listObjects(client, bucket, prefix)) {
    bytes += page.reduce((sum, { size }) => sum + size, 0);
  }
  return bytes;
}
