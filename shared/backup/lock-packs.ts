import { COPY_NAMES } from '../domain/copy-name.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { CarriedLock } from '../domain/lock.ts';
import type { Pack } from '../domain/records.ts';
import { damaged } from '../format/origin.ts';
import type { SealedPack } from '../format/seal.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changePacks } from '../retention/change-packs.ts';
import { answering } from './answering-copies.ts';

/** Locks extended at once: one request per copy each. */
const AT_ONCE = 16;

/** A pack as a seal names it, without how much of it the snapshot needs. */
export type NamedPack = Omit<SealedPack, 'liveBytes'>;

/** The packs of a snapshot. */
export interface LockedPacks {
  /** Ascending by id (format.md 5.2). */
  readonly packs: readonly NamedPack[];
  /** Whether each of them is in both copies, and locked there for long enough. */
  readonly inBoth: boolean;
}

/**
 * Sees to it that every pack a snapshot names is locked for as long as the snapshot asks for, in
 * every copy that has it and answers. Packs written by the same run are already; those carried
 * forward may have to be extended.
 *
 * @param manifestKey - the manifest that names them, for the error message.
 * @throws HoldfastError `OBJECT_MISSING` when a copy has lost one, `OBJECT_DAMAGED` when the
 * manifest names one that the ledger does not know, `COPY_UNAVAILABLE` when no copy of one answers.
 */
export async function lockPacks(
  services: Pick<Services, 'copies' | 'ledger'>,
  vaultId: string,
  packIds: ReadonlySet<string>,
  lock: CarriedLock,
  manifestKey: string,
): Promise<LockedPacks> {
  const packs: NamedPack[] = [];
  let inBoth = true;
  let short: Stored<'pack'>[] = [];
  const extendShort = async (): Promise<void> => {
    inBoth = (await extendShortLocks(services, short, lock.until)) && inBoth;
    short = [];
  };
  for await (const stored of services.ledger.list('pack', { vaultId })) {
    const pack = stored.record;
    if (!packIds.has(pack.packId)) {
      continue;
    }
    packs.push(sealedPack(pack));
    inBoth &&= COPY_NAMES.every((copy) => pack.versions[copy] !== null);
    if (new Date(pack.lockedUntil) < lock.needed) {
      short.push(stored);
    }
    if (short.length === MAX_LEDGER_WRITES) {
      await extendShort();
    }
  }
  await extendShort();
  if (packs.length < packIds.size) {
    const origin = { copy: 'primary', object: manifestKey } as const;
    throw damaged(origin, 'incomplete: it names a pack that the ledger does not know');
  }
  return { packs, inBoth };
}

/**
 * The copies first: the ledger must never promise a lock that is not there.
 * @returns whether all copies answered.
 */
async function extendShortLocks(
  { copies, ledger }: Pick<Services, 'copies' | 'ledger'>,
  packs: readonly Stored<'pack'>[],
  until: Date,
): Promise<boolean> {
  const extended: Stored<'pack'>[] = [];
  const extend = async (stored: Stored<'pack'>): Promise<void> => {
    const { key, versions } = stored.record;
    const holders = COPY_NAMES.filter((copy) => versions[copy] !== null);
    const answers = await answering(holders, (copy) =>
      copies[copy].extendLock(key, versions[copy] ?? '', until),
    );
    if (answers.size === holders.length) {
      extended.push(stored);
    }
  };
  for (let start = 0; start < packs.length; start += AT_ONCE) {
    await Promise.all(packs.slice(start, start + AT_ONCE).map(extend));
  }
  const lockedUntil = until.toISOString();
  await changePacks(ledger, extended, (pack) =>
    new Date(pack.lockedUntil) < until ? { ...pack, lockedUntil } : pack,
  );
  return extended.length === packs.length;
}

function sealedPack({ packId, snapshotId, size, sha256, versions }: Pack): NamedPack {
  return { packId, snapshotId, size, sha256, versions };
}
