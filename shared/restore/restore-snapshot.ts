import { HoldfastError } from '../domain/errors.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { Seal } from '../format/seal.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readRecords } from '../snapshot/read-records.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import type { SnapshotAccess } from '../snapshot/snapshot-access.ts';
import { PackRestorer } from './restore-packs.ts';
import type { RestorePlan } from './restore-plan.ts';
import type { Restored, RestoreWish } from './restore-wish.ts';
import { selectPaths } from './select-paths.ts';

/**
 * Records held in memory at once, grouped by the packs they lie in; about 50 MB. Within a group of
 * this size each pack is read once.
 */
const GROUP_RECORDS = 100_000;

/**
 * Restores a snapshot or a part of it. Its course:
 *
 * 1. read the seal, and the manifest to see whether the target can take what is chosen
 * 2. read every pack that holds something chosen, and the manifest once more before, when it names
 *    too many records to remember
 * 3. hand each record to the target, verified against the manifest before it appears
 *
 * With `from: 'any'`, what one copy cannot give is taken from the other. A restore that fails has
 * written whole records only.
 *
 * @throws HoldfastError `NOTHING_MATCHES`, `PATH_UNSAFE`, `TARGET_EXISTS`, `TARGET_UNWRITABLE`;
 * `OBJECT_MISSING`, `OBJECT_DAMAGED`, `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNUSABLE`,
 * `KEYS_UNAVAILABLE` when no allowed copy could give a record.
 */
export async function restoreSnapshot(
  services: Pick<Services, 'copies' | 'custody'>,
  plan: RestorePlan,
  wish: RestoreWish,
): Promise<Restored> {
  const access = { services, keys: plan.keys, choice: new CopyChoice(wish.from) };
  const seal = await readSeal(access, plan);
  const remembered = await examineTarget(access, seal, wish);
  const restorer = new PackRestorer(access, seal, wish);
  if (remembered !== undefined) {
    await restorer.restore(remembered);
    return restorer.done;
  }
  let group: ManifestRecord[] = [];
  for await (const records of chosen(access, seal, wish)) {
    group.push(...records);
    if (group.length >= GROUP_RECORDS) {
      await restorer.restore(group);
      group = [];
    }
  }
  await restorer.restore(group);
  return restorer.done;
}

/**
 * Step 1: refuses before anything is written.
 * @returns all chosen records; `undefined` when they are more than one group.
 */
async function examineTarget(
  access: SnapshotAccess,
  seal: Seal,
  wish: RestoreWish,
): Promise<readonly ManifestRecord[] | undefined> {
  let count = 0;
  let group: ManifestRecord[] = [];
  async function* paths(): AsyncGenerator<string[]> {
    for await (const records of chosen(access, seal, wish)) {
      count += records.length;
      if (count <= GROUP_RECORDS) {
        group.push(...records);
      } else {
        group = [];
      }
      yield records.map(({ path }) => path);
    }
  }
  const { existing, unsafe } = await wish.target.examine(paths());
  const { vaultId, snapshotId } = seal;
  if (count === 0 && wish.patterns.length > 0) {
    throw new HoldfastError('NOTHING_MATCHES', { vaultId, snapshotId });
  }
  if (unsafe > 0) {
    throw new HoldfastError('PATH_UNSAFE', { count: unsafe });
  }
  if (existing > 0 && !wish.overwrite) {
    throw new HoldfastError('TARGET_EXISTS', { count: existing });
  }
  return count <= GROUP_RECORDS ? group : undefined;
}

async function* chosen(
  access: SnapshotAccess,
  seal: Seal,
  { patterns }: RestoreWish,
): AsyncGenerator<ManifestRecord[]> {
  const isChosen = selectPaths(patterns);
  for await (const records of readRecords(access, seal)) {
    yield records.filter(({ path }) => isChosen(path));
  }
}
