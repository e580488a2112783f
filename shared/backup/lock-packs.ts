import { inBothCopies } from '../domain/copy-name.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { Pack } from '../domain/records.ts';
import { damaged } from '../format/origin.ts';
import type { SealedPack } from '../format/seal.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';

/** Locks extended at once: one request per copy each. */
const AT_ONCE = 16;

/**
 * Sees to it that every pack a snapshot names is locked in both copies for as long as the snapshot.
 * Packs written by the same run are already; those carried forward may have to be extended.
 *
 * @param manifestKey - the manifest that names them, for the error message.
 * @returns the packs, ascending by id (format.md 5.2).
 * @throws HoldfastError `OBJECT_MISSING` when a copy has lost one, `OBJECT_DAMAGED` when the
 * manifest names one that the ledger does not know.
 */
export async function lockPacks(
  services: Pick<Services, 'copies' | 'ledger'>,
  vaultId: string,
  packIds: ReadonlySet<string>,
  lockedUntil: Date,
  manifestKey: string,
): Promise<SealedPack[]> {
  const sealed: SealedPack[] = [];
  let short: Stored<'pack'>[] = [];
  for await (const stored of services.ledger.list('pack', { vaultId })) {
    const pack = stored.record;
    if (!packIds.has(pack.packId)) {
      continue;
    }
    sealed.push(sealedPack(pack));
    if (new Date(pack.lockedUntil) < lockedUntil) {
      short.push(stored);
    }
    if (short.length === MAX_LEDGER_WRITES) {
      await extendLocks(services, short, lockedUntil);
      short = [];
    }
  }
  await extendLocks(services, short, lockedUntil);
  if (sealed.length < packIds.size) {
    const origin = { copy: 'primary', object: manifestKey } as const;
    throw damaged(origin, 'incomplete: it names a pack that the ledger does not know');
  }
  return sealed;
}

/** The copies first: the ledger must never promise a lock that is not there. */
async function extendLocks(
  { copies, ledger }: Pick<Services, 'copies' | 'ledger'>,
  packs: readonly Stored<'pack'>[],
  until: Date,
): Promise<void> {
  for (let start = 0; start < packs.length; start += AT_ONCE) {
    await Promise.all(
      packs
        .slice(start, start + AT_ONCE)
        .map(({ record: { key, versions } }) =>
          inBothCopies((copy) => copies[copy].extendLock(key, versions[copy], until)),
        ),
    );
  }
  if (packs.length > 0) {
    const lockedUntil = until.toISOString();
    await ledger.write(
      packs.map(({ record, version }) => ({ record: { ...record, lockedUntil }, expect: version })),
    );
  }
}

function sealedPack({ packId, snapshotId, size, sha256, versions }: Pack): SealedPack {
  return { packId, snapshotId, size, sha256, versions };
}
