import { putInBoth } from '../backup/dual-upload.ts';
import { inBothCopies } from '../domain/copy-name.ts';
import type { MovedObject } from '../domain/move-records.ts';
import type { Snapshot } from '../domain/records.ts';
import { packKey } from '../format/object-keys.ts';
import { damaged } from '../format/origin.ts';
import { sealBytes } from '../format/seal.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { besides, movedObject } from './rewrite-object.ts';

/** What was written anew, by its key. */
export type MovedObjects = ReadonlyMap<string, MovedObject>;

/**
 * Writes the seal of a snapshot anew, besides the old one, when all that it names was: it names the
 * new versions then, and the seal that it replaces (format.md 5.6). It is read back from both
 * copies.
 *
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED`, also when it names what the ledger does
 * not know; `COPY_UNAVAILABLE` unless both copies took it; `COPY_DENIED`.
 */
export async function rewriteSeal(
  services: Pick<Services, 'clock' | 'copies'>,
  snapshot: Snapshot,
  moved: MovedObjects,
): Promise<MovedObject> {
  const { vaultId, snapshotId, seal: stored, lockedUntil } = snapshot;
  const before = await readSeal({ services, choice: new CopyChoice('any') }, snapshot);
  const after = (key: string) => {
    const object = moved.get(key)?.after;
    if (object === undefined) {
      const origin = { copy: 'primary', object: stored.key } as const;
      throw damaged(origin, 'incomplete: it names an object that the ledger does not know');
    }
    const { size, sha256, versions } = object;
    return { size, sha256, versions };
  };
  const packs = before.packs.map((pack) => ({ ...pack, ...after(packKey(vaultId, pack.packId)) }));
  const seal = {
    ...before,
    counts: { ...before.counts, packBytes: packs.reduce((sum, { size }) => sum + size, 0) },
    manifests: before.manifests.map((part) => ({ ...part, ...after(part.key) })),
    replaces: stored.sha256,
    packs,
  };
  const write = besides(lockedUntil, services.clock.now(), 'application/json');
  const written = await putInBoth(services.copies, stored.key, write, sealBytes(seal));
  const object = movedObject(vaultId, { stored, lockedUntil }, written, write);
  await inBothCopies((copy) =>
    readSeal({ services, choice: new CopyChoice(copy) }, { vaultId, snapshotId, seal: written }),
  );
  return object;
}
