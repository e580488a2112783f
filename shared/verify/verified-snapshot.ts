import { COPY_NAMES, type CopyName, type PerCopy } from '../domain/copy-name.ts';
import type { Pack, Snapshot, StoredObject } from '../domain/records.ts';
import { packKey, sealKey } from '../format/object-keys.ts';
import type { Seal } from '../format/seal.ts';
import type { Services } from '../ports/services.ts';
import { neededLock } from '../retention/needed-lock.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { writtenParts } from '../snapshot/written-parts.ts';
import { outcomeOf } from './read-whole.ts';
import type { VerificationTally } from './verification-tally.ts';

/** What a verification needs to know of a snapshot. */
export interface VerifiedSnapshot {
  readonly vaultId: string;
  readonly snapshotId: string;
  /** The vault's KMS key ARN in each Region. */
  readonly keys: PerCopy<string>;
  /** A lock that ends before this is a finding; see `NeededLock`. */
  readonly renewedLock: Date;
  readonly manifests: readonly StoredObject[];
  readonly seal: StoredObject;
  /** Ascending by id; each with the versions the ledger knows now. */
  readonly packs: readonly VerifiedPack[];
}

export interface VerifiedPack extends StoredObject {
  readonly packId: string;
  /** The snapshot whose run wrote it. */
  readonly snapshotId: string;
}

/**
 * Reads the seal from both copies and gathers what the snapshot consists of.
 *
 * @returns `null` when neither copy has a whole seal; the tally says why.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function findVerifiedSnapshot(
  services: Pick<Services, 'clock' | 'copies' | 'ledger'>,
  keys: PerCopy<string>,
  snapshot: Snapshot,
  tally: VerificationTally,
): Promise<VerifiedSnapshot | null> {
  const { vaultId, snapshotId, seal: stored } = snapshot;
  let seal: Seal | null = null;
  for (const copy of COPY_NAMES) {
    seal = (await sealFrom(services, copy, snapshot, tally)) ?? seal;
  }
  if (seal === null) {
    return null;
  }
  const written = await writtenParts(services, snapshot);
  const parts = new Map(written.map((part) => [part.key, part]));
  const manifests = seal.manifests.map((sealed) => asRepaired(sealed, parts.get(sealed.key)));
  const known = await packsInLedger(services, vaultId, seal);
  const packs = seal.packs.map(({ packId, ...sealed }) => {
    const pack = { ...sealed, packId, key: packKey(vaultId, packId) };
    return asRepaired(pack, known.get(packId));
  });
  return {
    vaultId,
    snapshotId,
    keys,
    renewedLock: (await neededLock(services, snapshot)).renewed,
    manifests,
    seal: stored,
    packs,
  };
}

/**
 * What was repaired has a version in a copy for which the seal names none. A move to other keys
 * writes objects anew before it does the seal: until then the seal is right, and not the ledger.
 */
function asRepaired<Sealed extends StoredObject>(
  sealed: Sealed,
  known: StoredObject | undefined,
): Sealed {
  return known?.sha256 === sealed.sha256 ? { ...sealed, versions: known.versions } : sealed;
}

async function sealFrom(
  services: Pick<Services, 'copies'>,
  copy: CopyName,
  snapshot: Snapshot,
  tally: VerificationTally,
): Promise<Seal | null> {
  if (versionOf(snapshot.seal, copy) === null) {
    return null;
  }
  try {
    return await readSeal({ services, choice: new CopyChoice(copy) }, snapshot);
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome.found === 'damaged') {
      tally.find(copy, sealKey(snapshot.vaultId, snapshot.snapshotId), outcome.problem);
    } else {
      tally.leaveOut(outcome.code);
    }
    return null;
  }
}

async function packsInLedger(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  seal: Seal,
): Promise<ReadonlyMap<string, Pack>> {
  const named = new Set(seal.packs.map(({ packId }) => packId));
  const packs = new Map<string, Pack>();
  for await (const { record } of ledger.list('pack', { vaultId })) {
    if (named.has(record.packId)) {
      packs.set(record.packId, record);
    }
  }
  return packs;
}

/** @returns the version of an object in one copy; `null` when it is not there yet. */
export function versionOf({ versions }: StoredObject, copy: CopyName): string | null {
  return versions[copy];
}
