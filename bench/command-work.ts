import { randomUUID } from 'node:crypto';
import { FolderSource } from '../shared/folder/folder-source.ts';
import { FolderTarget } from '../shared/folder/folder-target.ts';
import { writePush } from '../shared/push/write-push.ts';
import { restoreSnapshot } from '../shared/restore/restore-snapshot.ts';
import { folderPushServices } from '../shared/wiring/folder-push-services.ts';
import { folderRestoreServices } from '../shared/wiring/folder-restore-services.ts';
import type { AdminCall, AdminCalls } from './admin-calls.ts';
import { countReads } from './count-reads.ts';
import type { EngineJob, Work } from './engine-jobs.ts';

/**
 * Does a job as the command does.
 * @param api - URL of the admin API.
 */
export async function perform(job: EngineJob, api: string): Promise<Work> {
  if (job.kind === 'backup' && job.source.kind === 'folder') {
    return push(job.vaultId, new FolderSource(job.source.path, job), api);
  }
  if (job.kind === 'restore' && job.target.kind === 'folder') {
    return restore(job, job.target.path, api);
  }
  throw new Error('This is a job of the functions.');
}

async function push(vaultId: string, source: FolderSource, api: string): Promise<Work> {
  const plan = await call(api, 'beginPush', { vaultId });
  const run = { vaultId, runId: plan.runId };
  const { seal } = await writePush(folderPushServices(plan.installation), plan, source, {
    renew: (body) => call(api, 'renewPush', { ...run, ...body }),
    onProgress: () => undefined,
    onSkipped: () => undefined,
  });
  const { snapshotId, counts } = await call(api, 'commitPush', { ...run, seal });
  const { records, bytes, readRecords } = counts;
  return { snapshotId, records, bytes, readRecords };
}

async function restore(
  { vaultId, snapshotId, patterns }: Extract<EngineJob, { kind: 'restore' }>,
  folder: string,
  api: string,
): Promise<Work> {
  const { plan, installation } = await call(api, 'planRestore', { vaultId, snapshotId });
  const services = folderRestoreServices(installation);
  const reads = countReads(services);
  const target = new FolderTarget(folder, { randomName: randomUUID });
  const wish = { patterns, from: 'any', target, overwrite: false } as const;
  const restored = await restoreSnapshot(services, plan, wish);
  await target.finish();
  return { ...restored, reads };
}

async function call<Name extends AdminCall>(
  api: string,
  name: Name,
  input: Parameters<AdminCalls[Name]>[0],
): Promise<Awaited<ReturnType<AdminCalls[Name]>>> {
  const response = await fetch(`${api}/${name}`, { method: 'POST', body: JSON.stringify(input) });
  if (!response.ok) {
    throw new Error(`${name}: ${await response.text()}`);
  }
  return (await response.json()) as Awaited<ReturnType<AdminCalls[Name]>>;
}
