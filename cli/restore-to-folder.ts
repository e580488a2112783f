import { randomUUID } from 'node:crypto';
import type { RestoreRequestAnswer } from '../shared/admin-api/answers.ts';
import type { CopyName } from '../shared/domain/copy-name.ts';
import { FolderTarget } from '../shared/folder/folder-target.ts';
import type { Services } from '../shared/ports/services.ts';
import { restoreSnapshot } from '../shared/restore/restore-snapshot.ts';
import { folderRestoreServices } from '../shared/wiring/folder-restore-services.ts';
import { count, size } from './render.ts';

/** What the command line says about a restore to this machine. */
export interface FolderRestore {
  /** Absolute path. */
  readonly folder: string;
  readonly patterns: readonly string[];
  readonly from: CopyName | 'any';
  readonly overwrite: boolean;
  readonly progress: (line: string) => void;
}

/** @returns how many records and bytes were written, each verified. */
export type RestoreToFolder = (
  answer: RestoreRequestAnswer,
  wanted: FolderRestore,
) => Promise<{ records: number; bytes: number }>;

/** A line of progress after this much; whichever comes first. */
const RECORDS_PER_LINE = 1000;
const BYTES_PER_LINE = 256 * 1024 * 1024;

/**
 * Carries a restore out on this machine, by the plan that the admin API answered.
 *
 * @param connect - how the copies and keys are reached; default: AWS with the caller's credentials.
 * @throws what `restoreSnapshot` throws.
 */
export async function restoreToFolder(
  { plan, installation }: RestoreRequestAnswer,
  wanted: FolderRestore,
  connect: (
    place: RestoreRequestAnswer['installation'],
  ) => Pick<Services, 'copies' | 'custody'> = folderRestoreServices,
): Promise<{ records: number; bytes: number }> {
  if (plan === null) {
    throw new Error('The admin API answered without a plan.');
  }
  const { folder, patterns, from, overwrite, progress } = wanted;
  const target = new FolderTarget(folder, { randomName: randomUUID });
  let told = { records: 0, bytes: 0 };
  const { records, bytes } = await restoreSnapshot(connect(installation), plan, {
    patterns,
    from,
    target,
    overwrite,
    onProgress: (done) => {
      const enough =
        done.records - told.records >= RECORDS_PER_LINE ||
        done.bytes - told.bytes >= BYTES_PER_LINE;
      if (enough) {
        told = { records: done.records, bytes: done.bytes };
        progress(`${count(done.records, 'record')}, ${size(done.bytes)} restored.`);
      }
    },
  });
  await target.finish();
  return { records, bytes };
}
