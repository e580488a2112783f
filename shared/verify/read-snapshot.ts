import { COPY_NAMES, type CopyName } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { StoredObject } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { comparePack, nextBatch, OutOfTime, wantedFrom } from './compare-packs.ts';
import { type ManifestSurvey, surveyManifests } from './read-manifests.ts';
import { type HasTime, outcomeOf } from './read-whole.ts';
import { recordReading } from './record-reading.ts';
import type { VerificationTally } from './verification-tally.ts';
import { type VerifiedPack, type VerifiedSnapshot, versionOf } from './verified-snapshot.ts';

type ReadingServices = Pick<Services, 'ledger' | 'clock' | 'copies' | 'custody' | 'telemetry'>;

/** What a deep verification works with. */
interface DeepReading {
  readonly services: ReadingServices;
  readonly snapshot: VerifiedSnapshot;
  readonly tally: VerificationTally;
  readonly hasTime: HasTime;
}

/**
 * Reads everything of a snapshot from both copies, one after the other, beginning where the tally
 * says. Each pack is read once from each copy; the manifest several times when it names more
 * records than fit into memory.
 *
 * @returns whether all of it was read; if not, the tally's `position` is where to go on.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function readSnapshot(reading: DeepReading): Promise<boolean> {
  const { tally } = reading;
  const first = tally.position?.copy ?? 'primary';
  for (const copy of COPY_NAMES.slice(COPY_NAMES.indexOf(first))) {
    tally.position = tally.position?.copy === copy ? tally.position : { copy, packs: 0 };
    try {
      await readCopy(reading, copy, tally.position.packs);
    } catch (error) {
      if (error instanceof OutOfTime) {
        return false;
      }
      const outcome = outcomeOf(error);
      if (outcome.found !== 'unanswered') {
        throw error;
      }
      tally.leaveOut(outcome.code);
    }
  }
  return true;
}

async function readCopy(reading: DeepReading, copy: CopyName, done: number): Promise<void> {
  const { services, snapshot, tally, hasTime } = reading;
  const survey = await surveyManifests(services, snapshot, copy, tally);
  for (let next = done; next < snapshot.packs.length; ) {
    const batch = nextBatch(snapshot.packs.slice(next), survey);
    const wanted = await wantedFrom(services, snapshot, survey, batch);
    for (const pack of batch) {
      if (!hasTime()) {
        throw new OutOfTime('The time of this invocation is over.');
      }
      await readPackOf(reading, copy, pack, wanted.get(pack.packId) ?? new Map());
      next += 1;
      tally.position = { copy, packs: next };
    }
  }
  await countManifests(reading, copy, survey);
}

/** Seal and manifest are verified by now, and whether they name the same packs (format.md 5.2). */
async function countManifests(
  reading: DeepReading,
  copy: CopyName,
  { readableFrom, recordsByPack }: ManifestSurvey,
): Promise<void> {
  const { snapshot, tally } = reading;
  const sealed = new Set(snapshot.packs.map(({ packId }) => packId));
  const isWhole = readableFrom.every((from) => from !== null);
  if ([...recordsByPack.keys()].some((packId) => !sealed.has(packId))) {
    tally.find(copy, snapshot.seal.key, 'incomplete: the manifest names a pack that it does not');
  } else if (isWhole && recordsByPack.size < sealed.size) {
    tally.find(copy, snapshot.seal.key, 'malformed: it names a pack that the manifest does not');
  }
  for (const object of [...snapshot.manifests, snapshot.seal]) {
    if (versionOf(object, copy) !== null && !tally.isFound(copy, object.key)) {
      await countObject(reading, copy, object, 0);
    }
  }
}

async function readPackOf(
  reading: DeepReading,
  copy: CopyName,
  pack: VerifiedPack,
  wanted: Parameters<typeof comparePack>[4],
): Promise<void> {
  const { services, snapshot, tally, hasTime } = reading;
  if (versionOf(pack, copy) === null) {
    return;
  }
  try {
    const records = await comparePack(services, snapshot, copy, pack, wanted, hasTime);
    await countObject(reading, copy, pack, records);
  } catch (error) {
    if (!isFault(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) {
      throw error;
    }
    const outcome = outcomeOf(error);
    tally.find(copy, pack.key, outcome.found === 'damaged' ? outcome.problem : outcome.code);
  }
}

/** What was read here needs no reading in the daily rotation for a while. */
async function countObject(
  { services, snapshot: { vaultId }, tally }: DeepReading,
  copy: CopyName,
  { key, size, ...rest }: StoredObject,
  records: number,
): Promise<void> {
  tally.count(copy, { objects: 1, bytes: size, records });
  const versionId = versionOf({ key, size, ...rest }, copy);
  if (versionId === null) {
    return;
  }
  const before = await services.ledger.get('reading', vaultId, key);
  const object = { vaultId, key, copy, versionId };
  try {
    const actor = 'holdfast:verify-snapshot';
    await recordReading(services, actor, object, { found: 'whole' }, before);
  } catch (error) {
    // The daily rotation has read and recorded the same object at the same moment.
    if (!isFault(error, 'LEDGER_CONFLICT')) {
      throw error;
    }
  }
}
