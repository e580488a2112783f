import { COPY_NAMES } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import { isRecord } from '../format/manifest-record.ts';
import type { Seal } from '../format/seal.ts';
import type { CopyWrite } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { repairObject } from '../repair/repair-object.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { findVersion } from '../snapshot/find-version.ts';
import { readLines } from '../snapshot/read-records.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { answering } from './dual-upload.ts';
import type { PackOwner } from './pack-series.ts';
import { RecordTally } from './record-tally.ts';
import type { RunLog } from './run-log.ts';
import type { WrittenRecords } from './write-records.ts';

type ResumingServices = Pick<Services, 'copies' | 'custody' | 'ledger'>;

/** What earlier attempts of a run have done. */
export interface EarlierWork extends Omit<WrittenRecords, 'manifests'> {
  /** All records up to this path are done; `undefined` at the start of a run. */
  readonly lastPath: string | undefined;
}

/** The seal of an earlier attempt that was cut off between its seal and its commit. */
export interface EarlierSeal {
  readonly stored: StoredObject;
  readonly seal: Seal;
}

/**
 * Settles what was announced last: a pack, or the last manifest part, that may have been written or
 * not. One that lies in a copy counts, and is copied to the other one.
 */
export async function settlePending(
  services: ResumingServices,
  { vaultId, lockedUntil }: PackOwner,
  log: RunLog,
): Promise<void> {
  const { pending } = log.progress;
  if (pending === null) {
    return;
  }
  const write = { lockedUntil, contentType: 'application/octet-stream' };
  const announced =
    pending.packId === null
      ? undefined
      : (await services.ledger.get('pack', vaultId, pending.packId))?.record;
  // A part is written before its pack, so a pack that is there has its part too.
  const pack = announced && (await recover(services, announced, write));
  const part =
    pending.packId === null || pack !== undefined
      ? await recover(services, pending.part, write)
      : undefined;
  await (part === undefined ? log.forget() : log.confirm(pack, part));
}

/** @returns the seal that an earlier attempt has written, `undefined` when there is none. */
export async function findSeal(
  services: ResumingServices,
  { vaultId, snapshotId, lockedUntil }: PackOwner,
  log: RunLog,
): Promise<EarlierSeal | undefined> {
  const announced = log.progress.seal;
  const write = { lockedUntil, contentType: 'application/json' };
  const stored = announced === null ? undefined : await recover(services, announced, write);
  if (stored === undefined) {
    return undefined;
  }
  const location = { vaultId, snapshotId, seal: stored };
  const seal = await readSeal({ services, choice: new CopyChoice('any') }, location);
  return { stored, seal };
}

/** Reads the manifest parts of earlier attempts: no pack, and nothing of the source. */
export async function readEarlierWork(
  services: ResumingServices,
  { vaultId, snapshotId, runId, keys }: PackOwner,
  { progress: { parts } }: RunLog,
): Promise<EarlierWork> {
  const tally = new RecordTally();
  let lastPath: string | undefined;
  const ownPacks = new Set<string>();
  if (parts.length > 0) {
    for await (const { record } of services.ledger.list('pack', { vaultId })) {
      if (record.runId === runId) {
        ownPacks.add(record.packId);
      }
    }
  }
  const access = { services, keys, choice: new CopyChoice('any') };
  for await (const lines of readLines(access, { vaultId, snapshotId, manifests: parts })) {
    for (const line of lines) {
      lastPath = line.path;
      tally.add(line, isRecord(line) && ownPacks.has(line.pack));
    }
  }
  return { lastPath, packIds: tally.packIds, counts: tally.counts };
}

/** Finds an object in the copies that answer, and completes it in the other one if that does. */
async function recover<Stored extends StoredObject>(
  { copies }: ResumingServices,
  stored: Stored,
  write: CopyWrite,
): Promise<Stored | undefined> {
  const found = await answering(COPY_NAMES, (copy) => findVersion(copies[copy], stored));
  const [primary, secondary] = COPY_NAMES.map((copy) => found.get(copy) ?? null);
  if (primary == null && secondary == null) {
    return undefined;
  }
  const known = { ...stored, versions: { primary: primary ?? null, secondary: secondary ?? null } };
  try {
    return await repairObject(copies, known, write);
  } catch (error) {
    if (!isFault(error, 'COPY_UNAVAILABLE')) {
      throw error;
    }
    return known;
  }
}
