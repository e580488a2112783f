import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type { RunAnswer, SnapshotAnswer } from '../../shared/admin-api/answers.ts';
import {
  type DemoWorld,
  forEachOf,
  RESTORE_BUCKET,
  type Registered,
  SOURCE_BUCKET,
  waitFor,
} from './demo-world.ts';
import type { DemoClient, DemoFile } from './generate-records.ts';
import { ensure } from './proofs.ts';

/** Puts the firm's own buckets there; Holdfast only reads the one and writes the other. */
export async function makeFirmBuckets(world: DemoWorld): Promise<void> {
  const s3 = world.s3(world.region);
  const CreateBucketConfiguration = { LocationConstraint: world.region as 'eu-central-1' };
  for (const Bucket of [SOURCE_BUCKET, RESTORE_BUCKET]) {
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  }
}

/** Registers a client with one vault, and puts its records into the source. */
export async function registerDemoClient(
  world: DemoWorld,
  client: DemoClient,
  files: readonly DemoFile[],
): Promise<Registered> {
  const { name, reference, recordClass, policyId, prefix } = client;
  const { clientId } = await world.operator('addClient', {
    params: {},
    body: { name, reference },
  });
  const { vaultId } = await world.operator('addVault', {
    params: { clientId },
    body: { recordClass, policyId, source: { kind: 's3' as const, bucket: SOURCE_BUCKET, prefix } },
  });
  const registered = { client, clientId, vaultId, files: new Map<string, DemoFile>() };
  await changeRecords(world, registered, files, []);
  return registered;
}

/** Writes and deletes records in the source, and remembers what should be there. */
export async function changeRecords(
  world: DemoWorld,
  { client, files }: Registered,
  written: readonly DemoFile[],
  deleted: readonly string[],
): Promise<void> {
  const s3 = world.s3(world.region);
  const Bucket = SOURCE_BUCKET;
  await forEachOf(written, async (file) => {
    const Key = `${client.prefix}${file.path}`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: file.bytes }));
    files.set(file.path, file);
  });
  await forEachOf(deleted, async (path) => {
    await s3.send(new DeleteObjectCommand({ Bucket, Key: `${client.prefix}${path}` }));
    files.delete(path);
  });
}

/** Empties the source of a client, as an attacker or an accident would. */
export async function wipeSource(world: DemoWorld, { client }: Registered): Promise<number> {
  const s3 = world.s3(world.region);
  const keys = await keysUnder(world, SOURCE_BUCKET, client.prefix);
  await forEachOf(keys, async (Key) => {
    await s3.send(new DeleteObjectCommand({ Bucket: SOURCE_BUCKET, Key }));
  });
  return (await keysUnder(world, SOURCE_BUCKET, client.prefix)).length;
}

/** Backs a vault up by hand. @returns its snapshot. @throws Error when the run failed. */
export async function backUp(world: DemoWorld, vaultId: string): Promise<SnapshotAnswer> {
  const { runId } = await world.operator('runBackup', { params: { vaultId }, body: {} });
  const run = await waitFor<RunAnswer>(
    () => world.operator('showBackup', { params: { vaultId, runId } }),
    ({ state }) => state !== 'RUNNING',
    'The backup',
  );
  ensure(run.state === 'SUCCEEDED', `the backup ended ${run.state} (${run.failure})`);
  const { snapshots } = await world.operator('listSnapshots', { params: { vaultId } });
  const snapshot = snapshots.find(({ snapshotId }) => snapshotId === run.snapshotId);
  ensure(snapshot !== undefined, 'the new snapshot is not listed');
  return snapshot;
}

/** How many restores the story has seen; gives each a prefix of its own. */
let restores = 0;

/** Restores the newest snapshot to a fresh prefix. @returns the prefix. */
export async function restoreToS3(world: DemoWorld, vaultId: string): Promise<string> {
  restores += 1;
  const prefix = `${vaultId}-${restores}/`;
  const { restore } = await world.operator('requestRestore', {
    params: { vaultId },
    body: { target: { kind: 's3', bucket: RESTORE_BUCKET, prefix } },
  });
  const { restoreId } = restore;
  const ended = await waitFor(
    () => world.operator('showRestore', { params: { vaultId, restoreId } }),
    ({ state }) => state !== 'RUNNING',
    'The restore',
  );
  ensure(ended.state === 'SUCCEEDED', `the restore ended ${ended.state} (${ended.failure})`);
  return prefix;
}

/**
 * Compares what lies under a prefix with what should, byte for byte.
 * @throws Error with the first difference.
 */
export async function compareRestored(
  world: DemoWorld,
  prefix: string,
  files: ReadonlyMap<string, DemoFile>,
): Promise<{ files: number; bytes: number }> {
  const s3 = world.s3(world.region);
  const keys = await keysUnder(world, RESTORE_BUCKET, prefix);
  ensure(keys.length === files.size, `${keys.length} files came back, not ${files.size}`);
  let bytes = 0;
  await forEachOf(keys, async (Key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: RESTORE_BUCKET, Key }));
    const restored = Buffer.from((await Body?.transformToByteArray()) ?? []);
    const original = files.get(Key.slice(prefix.length));
    ensure(original !== undefined, 'a file came back that was never there');
    ensure(original.bytes.equals(restored), 'a file came back with other bytes');
    bytes += restored.length;
  });
  return { files: keys.length, bytes };
}

async function keysUnder(world: DemoWorld, Bucket: string, Prefix: string): Promise<string[]> {
  const keys: string[] = [];
  const client = world.s3(world.region);
  for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
  }
  return keys;
}
