import { COPY_NAMES, type CopyName, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { Snapshot, StoredObject } from '../domain/records.ts';
import { packKey } from '../format/object-keys.ts';
import type { Copy, CopyObjectState } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { type NeededLock, neededLock } from '../retention/needed-lock.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { findVersion } from '../snapshot/find-version.ts';
import { readSeal } from '../snapshot/read-seal.ts';

/** How many objects of one copy are asked for at once. */
const QUESTIONS_AT_ONCE = 16;

/**
 * What S3 itself says of a snapshot's objects, never the ledger.
 * - `protected`: every object is present, whole and locked long enough in both copies, or until
 *   the next renewal extends its lock, after a hold, a closing or another policy asked for more
 * - `single-copy`: every object is so in at least one copy, not all in both
 * - `damaged`: an object is whole and locked in neither
 * - `unknown`: a copy did not answer, or the time was over before all was asked
 */
export interface SnapshotProtection {
  readonly state: 'protected' | 'single-copy' | 'damaged' | 'unknown';
  /** Packs, manifest and seal. */
  readonly objects: number;
  readonly copies: PerCopy<CopyProtection>;
}

export interface CopyProtection {
  /** Objects that are there with their size. */
  readonly present: number;
  readonly missing: number;
  /** Present objects that are locked neither for the policy's minimum nor to the snapshot's end. */
  readonly short: number;
  /** Present objects whose lock is sound, and is to be extended by the next renewal. */
  readonly due: number;
  /** The first lock to end, ISO 8601; `null` when nothing is locked or the copy did not answer. */
  readonly earliestLockEnd: string | null;
  /** Objects that were not asked after, because the time was over. */
  readonly unasked: number;
  /** False when the copy could not be asked; the counts are of no meaning then. */
  readonly answered: boolean;
}

/** Per object: whether it is there and locked long enough. */
type Finding = 'safe' | 'due' | 'short' | 'missing' | 'unasked';

/**
 * Asks both copies for every object of a snapshot. The list of objects comes from its seal.
 * Never throws for an absent object or a copy that is down: the answer says so.
 *
 * @param hasTime - asked before each few objects; what is left when it is over stays unasked.
 * @default there is no end
 * @throws HoldfastError `VAULT_UNKNOWN`; `OBJECT_MISSING` or `OBJECT_DAMAGED` when the seal itself
 * can be read from neither copy.
 */
export async function snapshotProtection(
  services: Pick<Services, 'clock' | 'copies' | 'ledger'>,
  snapshot: Snapshot,
  hasTime: () => boolean = () => true,
): Promise<SnapshotProtection> {
  const seal = await readSeal({ services, choice: new CopyChoice('any') }, snapshot);
  const packs = seal.packs.map((pack) => ({
    ...pack,
    key: packKey(snapshot.vaultId, pack.packId),
  }));
  const objects = [...packs, ...seal.manifests, snapshot.seal];
  const needed = await neededLock(services, snapshot);
  const findings = await inBothCopies((copy) =>
    examineCopy(services, copy, { objects, needed, hasTime }),
  );
  return {
    state: judge(objects.length, findings),
    objects: objects.length,
    copies: { primary: findings.primary.summary, secondary: findings.secondary.summary },
  };
}

/** A copy that could not be asked. */
export const NOT_ANSWERED: CopyProtection = {
  present: 0,
  missing: 0,
  short: 0,
  due: 0,
  unasked: 0,
  earliestLockEnd: null,
  answered: false,
};

interface Question {
  readonly objects: readonly StoredObject[];
  readonly needed: NeededLock;
  readonly hasTime: () => boolean;
}

interface CopyFindings {
  readonly findings: readonly Finding[];
  readonly summary: CopyProtection;
}

async function examineCopy(
  { copies }: Pick<Services, 'copies'>,
  name: CopyName,
  { objects, needed, hasTime }: Question,
): Promise<CopyFindings> {
  try {
    const states = await inspectAll(objects, hasTime, (object) => inspectIn(copies[name], object));
    const findings = objects.map((object, index) =>
      index < states.length ? finding(states[index], object, needed) : 'unasked',
    );
    const ends = states.flatMap((state) => state?.lockedUntil?.getTime() ?? []);
    const count = (finding: Finding) => findings.filter((found) => found === finding).length;
    const earliest = ends.reduce((least, end) => Math.min(least, end), Number.POSITIVE_INFINITY);
    return {
      findings,
      summary: {
        present: count('safe') + count('due') + count('short'),
        missing: count('missing'),
        short: count('short'),
        due: count('due'),
        unasked: count('unasked'),
        earliestLockEnd: ends.length === 0 ? null : new Date(earliest).toISOString(),
        answered: true,
      },
    };
  } catch (error) {
    if (!isFault(error, 'COPY_UNAVAILABLE', 'COPY_DENIED')) {
      throw error;
    }
    return { findings: [], summary: NOT_ANSWERED };
  }
}

async function inspectIn(copy: Copy, object: StoredObject): Promise<CopyObjectState | undefined> {
  const version = object.versions[copy.name] ?? (await findVersion(copy, object));
  return version === undefined ? undefined : copy.inspect(object.key, version);
}

/** @returns what the copy said of the first objects: of all, unless the time was over. */
async function inspectAll(
  objects: readonly StoredObject[],
  hasTime: () => boolean,
  inspect: (object: StoredObject) => Promise<CopyObjectState | undefined>,
): Promise<(CopyObjectState | undefined)[]> {
  const states: (CopyObjectState | undefined)[] = [];
  for (let start = 0; start < objects.length && hasTime(); start += QUESTIONS_AT_ONCE) {
    const batch = objects.slice(start, start + QUESTIONS_AT_ONCE);
    states.push(...(await Promise.all(batch.map(inspect))));
  }
  return states;
}

function finding(
  state: CopyObjectState | undefined,
  object: StoredObject,
  { needed, renewed }: NeededLock,
): Finding {
  if (state === undefined || state.size !== object.size) {
    return 'missing';
  }
  const { lockedUntil, legalHold } = state;
  if (legalHold || (lockedUntil !== null && lockedUntil >= needed)) {
    return 'safe';
  }
  return lockedUntil !== null && lockedUntil >= renewed ? 'due' : 'short';
}

function judge(objects: number, copies: PerCopy<CopyFindings>): SnapshotProtection['state'] {
  if (COPY_NAMES.some((name) => !copies[name].summary.answered)) {
    return 'unknown';
  }
  const found = Array.from({ length: objects }, (_, index) =>
    COPY_NAMES.map((name) => {
      const finding = copies[name].findings[index];
      return finding === 'due' ? 'safe' : finding;
    }),
  );
  if (found.every((each) => each.every((one) => one === 'safe'))) {
    return 'protected';
  }
  if (found.some((each) => !each.includes('safe') && !each.includes('unasked'))) {
    return 'damaged';
  }
  return found.some((each) => each.includes('unasked')) ? 'unknown' : 'single-copy';
}
