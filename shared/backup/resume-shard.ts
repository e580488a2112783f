import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readLines } from '../snapshot/read-records.ts';
import type { PackOwner } from './pack-series.ts';
import { recoverObject } from './recover-object.ts';
import type { ShardLog } from './shard-log.ts';

type ResumingServices = Pick<Services, 'copies' | 'custody' | 'ledger'>;

/** What earlier attempts of a shard have done. */
export interface EarlierWork {
  /** Whether there is a manifest part. */
  readonly hasPart: boolean;
  /** All records up to this path are done; `undefined` at the start of a shard. */
  readonly lastPath: string | undefined;
}

/**
 * Settles what was announced last: a manifest part, and the pack closed with it, that may have been
 * written or not. One that lies in a copy counts, and is copied to the other one.
 */
export async function settlePending(
  services: ResumingServices,
  { vaultId, snapshotId, lockedUntil }: PackOwner,
  log: ShardLog,
): Promise<void> {
  const { pending } = log.shard;
  if (pending === null) {
    return;
  }
  const write = { lockedUntil, contentType: 'application/octet-stream' };
  const { packId } = pending;
  const announced =
    packId === null ? undefined : await services.ledger.get('pack', vaultId, packId);
  // A part is written before its pack, so a pack that is there has its part too.
  const pack = announced && (await recoverObject(services, announced.record, write));
  const listed = await services.ledger.get('manifest-part', vaultId, snapshotId, pending.part);
  const part =
    listed !== undefined && (packId === null || pack !== undefined)
      ? await recoverObject(services, listed.record, write)
      : undefined;
  await (part === undefined ? log.forget() : log.confirm(part, pack));
}

/** Reads the last manifest part that is there: no pack, and nothing of the source. */
export async function findEarlierWork(
  services: ResumingServices,
  { vaultId, snapshotId, keys }: PackOwner,
  log: ShardLog,
): Promise<EarlierWork> {
  const part = await log.lastPart();
  const access = { services, keys, choice: new CopyChoice('any') };
  const manifests = part === undefined ? [] : [part];
  let lastPath: string | undefined;
  for await (const lines of readLines(access, { vaultId, snapshotId, manifests })) {
    lastPath = lines.at(-1)?.path ?? lastPath;
  }
  return { hasPart: part !== undefined, lastPath };
}
