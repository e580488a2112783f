import { type CopyName, otherCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import { readManifestLines } from '../format/manifest-reader.ts';
import { isRecord, type ManifestLine } from '../format/manifest-record.ts';
import { manifestPart } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { openStored } from '../snapshot/snapshot-access.ts';
import { outcomeOf } from './read-whole.ts';
import type { VerificationTally } from './verification-tally.ts';
import { type VerifiedSnapshot, versionOf } from './verified-snapshot.ts';

/** What the manifest of a snapshot says, and where it can be read again. */
export interface ManifestSurvey {
  /** For each part in order, the copy that has it whole; `null` when neither has. */
  readonly readableFrom: readonly (CopyName | null)[];
  /** Number of records by pack. */
  readonly recordsByPack: ReadonlyMap<string, number>;
}

/**
 * Reads every part of a manifest from one copy, and those that are damaged there from the other
 * one, so that the packs can be compared all the same.
 *
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNAVAILABLE`, `KEYS_UNUSABLE` of
 * the copy that is verified.
 */
export async function surveyManifests(
  services: Pick<Services, 'copies' | 'custody'>,
  snapshot: VerifiedSnapshot,
  copy: CopyName,
  tally: VerificationTally,
): Promise<ManifestSurvey> {
  const recordsByPack = new Map<string, number>();
  const readableFrom: (CopyName | null)[] = [];
  let lastPath: string | undefined;
  for (const manifest of snapshot.manifests) {
    const read = await readPart(services, snapshot, manifest, copy, lastPath, tally);
    for (const [pack, count] of read?.recordsByPack ?? []) {
      recordsByPack.set(pack, (recordsByPack.get(pack) ?? 0) + count);
    }
    lastPath = read?.lastPath ?? lastPath;
    readableFrom.push(read?.from ?? null);
  }
  return { readableFrom, recordsByPack };
}

interface ReadPart {
  readonly from: CopyName;
  readonly recordsByPack: ReadonlyMap<string, number>;
  readonly lastPath: string | undefined;
}

async function readPart(
  services: Pick<Services, 'copies' | 'custody'>,
  snapshot: VerifiedSnapshot,
  manifest: StoredObject,
  verified: CopyName,
  after: string | undefined,
  tally: VerificationTally,
): Promise<ReadPart | null> {
  for (const from of [verified, otherCopy(verified)]) {
    if (versionOf(manifest, from) === null) {
      continue;
    }
    try {
      return await countPart(services, snapshot, manifest, from, after);
    } catch (error) {
      const outcome = outcomeOf(error);
      if (from === verified && outcome.found === 'unanswered') {
        throw error;
      }
      if (from === verified && outcome.found === 'damaged') {
        tally.find(verified, manifest.key, outcome.problem);
      }
    }
  }
  return null;
}

async function countPart(
  services: Pick<Services, 'copies' | 'custody'>,
  snapshot: VerifiedSnapshot,
  manifest: StoredObject,
  from: CopyName,
  after: string | undefined,
): Promise<ReadPart> {
  const recordsByPack = new Map<string, number>();
  let lastPath: string | undefined;
  for await (const lines of readManifestPart(services, snapshot, manifest, from, after)) {
    lastPath = lines.at(-1)?.path ?? lastPath;
    for (const { pack } of lines.filter(isRecord)) {
      recordsByPack.set(pack, (recordsByPack.get(pack) ?? 0) + 1);
    }
  }
  return { from, recordsByPack, lastPath };
}

/**
 * Reads the lines of one part from one copy, in batches.
 *
 * @param after - last path of the part before (format.md 4.6); default: it is not compared.
 * @throws HoldfastError as `openStored` does.
 */
export async function* readManifestPart(
  services: Pick<Services, 'copies' | 'custody'>,
  { vaultId, snapshotId, keys }: VerifiedSnapshot,
  manifest: StoredObject,
  from: CopyName,
  after?: string,
): AsyncGenerator<readonly ManifestLine[]> {
  const origin = { copy: from, object: manifest.key };
  const access = { services, keys, choice: new CopyChoice(from) };
  const object = `manifest/${manifestPart(manifest.key)}` as const;
  const plaintext = openStored(access, from, manifest, { vaultId, snapshotId, object });
  yield* readManifestLines(plaintext, origin, after);
}
