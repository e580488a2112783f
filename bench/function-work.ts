import { awsClients } from '../shared/aws/aws-clients.ts';
import { S3Source } from '../shared/aws/s3-source.ts';
import { requestBackup } from '../shared/backup/request-backup.ts';
import { runBackup } from '../shared/backup/run-backup.ts';
import { HoldfastError } from '../shared/domain/errors.ts';
import type { Snapshot } from '../shared/domain/records.ts';
import { FolderSource } from '../shared/folder/folder-source.ts';
import { planFor } from '../shared/restore/restore-plan.ts';
import { restoreSnapshot } from '../shared/restore/restore-snapshot.ts';
import { countReads } from './count-reads.ts';
import type { EngineJob, Work } from './engine-jobs.ts';
import { engineServices } from './engine-services.ts';
import { INSTALLATION, PLAIN_BUCKET } from './installation.ts';
import { SyntheticSource } from './synthetic-source.ts';

async function backUp(job: Extract<EngineJob, { kind: 'backup' }>): Promise<Work> {
  const { vaultId, source } = job;
  if (source.kind === 'folder') {
    throw new Error('A folder is pushed by the command.');
  }
  const made =
    source.kind === 'synthetic'
      ? new SyntheticSource(source.records, source.bytesPerRecord)
      : undefined;
  const services = engineServices(undefined, made);
  const { runId } = await requestBackup(services, 'bench', vaultId);
  return workOf(await runBackup(services, { vaultId, runId }));
}

function workOf({ snapshotId, counts }: Snapshot): Work {
  const { records, bytes, readRecords } = counts;
  return { snapshotId, records, bytes, readRecords };
}

async function restore(job: Extract<EngineJob, { kind: 'restore' }>): Promise<Work> {
  const services = engineServices();
  const reads = countReads(services);
  const vault = await services.ledger.get('vault', job.vaultId);
  const snapshot = await services.ledger.get('snapshot', job.vaultId, job.snapshotId);
  if (vault === undefined || snapshot === undefined) {
    throw new HoldfastError('SNAPSHOT_UNKNOWN', job);
  }
  const { regions } = INSTALLATION;
  if (job.target.kind === 'folder') {
    throw new Error('The command restores to a folder.');
  }
  const target = services.openS3Target({
    bucket: PLAIN_BUCKET,
    region: regions.primary,
    prefix: job.target.prefix,
  });
  const wish = { patterns: job.patterns, from: 'any' as const, target, overwrite: false };
  const plan = planFor(vault.record, snapshot.record);
  return { ...(await restoreSnapshot(services, plan, wish)), reads };
}

async function list({ source, times }: Extract<EngineJob, { kind: 'list' }>): Promise<Work> {
  const { primary: region } = INSTALLATION.regions;
  const vaultId = 'bench';
  const listed =
    source.kind === 'folder'
      ? new FolderSource(source.path, { vaultId })
      : new S3Source({
          client: awsClients().s3(region),
          location: { bucket: PLAIN_BUCKET, region, prefix: source.prefix },
          vaultId,
        });
  let records = 0;
  let bytes = 0;
  for (let time = 0; time < times; time += 1) {
    for await (const entries of listed.list()) {
      records += entries.length;
      bytes += entries.reduce((sum, { size }) => sum + size, 0);
    }
  }
  return { records, bytes };
}

/** Does a job as the functions do. */
export function perform(job: EngineJob): Promise<Work> {
  switch (job.kind) {
    case 'backup':
      return backUp(job);
    case 'restore':
      return restore(job);
    case 'list':
      return list(job);
  }
}
