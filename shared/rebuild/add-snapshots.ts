import type { PerCopy } from '../domain/copy-name.ts';
import { tierOf } from '../domain/key-tier.ts';
import type { Services } from '../ports/services.ts';
import { addSnapshot, missingObjects } from './add-snapshot.ts';
import { findKeys } from './find-keys.ts';
import type { FoundMove } from './find-move.ts';
import { type ReadSeal, readFoundSeal } from './find-seals.ts';
import type { RebuildWish, VaultFindings } from './rebuild-wish.ts';

type AddingServices = Pick<Services, 'ledger' | 'clock' | 'copies' | 'custody'>;

/** What became of the snapshots that the ledger did not have. */
export interface AddedSnapshots {
  readonly snapshots: number;
  /** Packs and manifest parts. */
  readonly objects: number;
  /** Seals that could not be read, by their keys. */
  readonly unreadable: readonly string[];
  /** False when the time was up. */
  readonly isDone: boolean;
}

/**
 * Adds what the ledger lacks of a vault, one snapshot after the other, oldest first. While a move
 * is to be done anew, each is added as it was before.
 *
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `LEDGER_CONFLICT`, `VAULT_UNKNOWN`.
 */
export async function addSnapshots(
  services: AddingServices,
  { actor, from, dryRun, hasTime }: RebuildWish,
  { vaultId, found, recorded }: VaultFindings,
  move: FoundMove | undefined,
): Promise<AddedSnapshots> {
  const lacking = found.filter(({ snapshotId }) => !recorded.has(snapshotId));
  const packs = lacking.length > 0 ? await knownPacks(services, vaultId) : new Set<string>();
  const unreadable: string[] = [];
  let [snapshots, objects] = [0, 0];
  for (const one of lacking) {
    // At least one each time, or a slow copy would never be worked through.
    if (snapshots > 0 && !hasTime()) {
      return { snapshots, objects, unreadable, isDone: false };
    }
    const wanted = move?.isOver === false ? { ...one, later: [] } : one;
    const read = await readFoundSeal(services.copies[from], vaultId, wanted);
    if (read === undefined) {
      unreadable.push(one.key);
      continue;
    }
    const missing = await missingObjects(services, read, packs);
    const added = dryRun
      ? { objects: missing.length, isWhole: true }
      : await addSnapshot(services, actor, read, {
          ...{ missing, hasTime },
          keys: await otherKeys(services, from, read),
        });
    objects += added.objects;
    if (!added.isWhole) {
      return { snapshots, objects, unreadable, isDone: false };
    }
    snapshots += 1;
    for (const { packId } of read.seal.packs) {
      packs.add(packId);
    }
  }
  return { snapshots, objects, unreadable, isDone: true };
}

/** A move leaves behind what had expired, under the keys of before. */
async function otherKeys(
  { ledger, copies, custody }: AddingServices,
  from: RebuildWish['from'],
  { seal }: ReadSeal,
): Promise<PerCopy<string> | undefined> {
  const vault = (await ledger.get('vault', seal.vaultId))?.record;
  if (vault === undefined || tierOf(vault.keys) === 'shared-root') {
    return undefined;
  }
  const keys = await findKeys(copies[from], custody, seal);
  return keys?.primary === vault.keys.primary ? undefined : keys;
}

async function knownPacks({ ledger }: AddingServices, vaultId: string): Promise<Set<string>> {
  const known = new Set<string>();
  for await (const { record } of ledger.list('pack', { vaultId })) {
    known.add(record.packId);
  }
  return known;
}
