import type { Pack, StoredObject } from '../domain/records.ts';
import type { SkipCounts } from '../domain/skip-reason.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readRecords } from '../snapshot/read-records.ts';
import { compareWithPrevious } from './compare-with-previous.ts';
import { ManifestSeries } from './manifest-series.ts';
import { type PackOwner, PackSeries, type PackSeriesOptions } from './pack-series.ts';
import { packsPerPart } from './packs-per-part.ts';
import { readAhead } from './read-ahead.ts';
import type { EarlierWork } from './resume-run.ts';
import type { RunLog } from './run-log.ts';
import type { TakenVault } from './take-vault.ts';
import { type WrittenRecords, writeRecords } from './write-records.ts';

type WritingServices = Pick<Services, 'copies' | 'custody' | 'ids' | 'ledger' | 'openSource'>;

/** How an attempt of a run goes on. */
export interface Walk extends Pick<PackSeriesOptions, 'packBytes'> {
  readonly owner: PackOwner;
  readonly log: RunLog;
  /** What the attempts before have done. */
  readonly earlier: EarlierWork;
  /** Asked after each record: `true` ends the walk, with all that it has written closed. */
  readonly mustStop: () => boolean;
}

/** All that the run has written so far. */
export interface Walked extends WrittenRecords {
  /** Whether the walk came to the end of the source, with time left for what follows. */
  readonly isComplete: boolean;
}

/**
 * Walks the source's listing and the previous manifest side by side, from where the attempt before
 * has left off, and writes packs and manifest parts.
 *
 * @throws what source, copies, keys and ledger throw; what was closed before stays.
 */
export async function writeChanges(
  services: WritingServices,
  { vault, previous }: TakenVault,
  { owner, log, earlier, mustStop, packBytes }: Walk,
): Promise<Walked> {
  const { vaultId, keys } = owner;
  const access = { services, keys, choice: new CopyChoice('any') };
  const source = services.openSource(vault);
  const { lastPath } = earlier;
  const entries = behind(source.list(lastPath), lastPath);
  const before = previous === null ? none() : behind(readRecords(access, previous), lastPath);
  const steps = compareWithPrevious(entries, before);
  let isCut = false;
  const mustCut = () => {
    isCut ||= mustStop();
    return isCut;
  };
  const items = readAhead(source, vaultId, steps);
  const manifest = new ManifestSeries(services, owner, log);
  const packs = loggedPacks(services, owner, log, manifest, packBytes);
  const written = await writeRecords(source, vaultId, items, packs, manifest, mustCut);
  // A walk that found nothing left to do has used no time: handing it back would not gain any.
  const isIdle = written.counts.records + written.counts.skipped === 0;
  const isComplete = !isCut && (isIdle || !mustStop());
  return { ...sum(earlier, written), isComplete };
}

/** Packs that close a manifest part with them, as `packsPerPart` says. */
function loggedPacks(
  services: WritingServices,
  owner: PackOwner,
  log: RunLog,
  manifest: ManifestSeries,
  packBytes: number | undefined,
): PackSeries {
  let part: StoredObject | undefined;
  let packsSincePart = 0;
  const beforeSeen = async (pack: Pack): Promise<void> => {
    packsSincePart += 1;
    if (packsSincePart < packsPerPart(log.progress.parts.length)) {
      await log.announce(pack, undefined);
      return;
    }
    part = await manifest.close((unseen) => log.announce(pack, unseen));
    packsSincePart = 0;
  };
  const recordPack = async (pack: Pack): Promise<void> => {
    await log.confirm(pack, part);
    part = undefined;
  };
  const options = packBytes === undefined ? { beforeSeen } : { beforeSeen, packBytes };
  return new PackSeries(services, owner, recordPack, options);
}

/** Leaves out what was done before. */
async function* behind<Entry extends { readonly path: string }>(
  batches: AsyncIterable<readonly Entry[]>,
  lastPath: string | undefined,
): AsyncGenerator<readonly Entry[]> {
  for await (const batch of batches) {
    const first = batch[0];
    const isBehind = first === undefined || isPathBehind(first.path, lastPath);
    yield isBehind ? batch : batch.filter(({ path }) => isPathBehind(path, lastPath));
  }
}

function isPathBehind(path: string, lastPath: string | undefined): boolean {
  return lastPath === undefined || compareUtf8(path, lastPath) > 0;
}

async function* none(): AsyncGenerator<never> {}

function sum(earlier: EarlierWork, { manifests, packIds, counts }: WrittenRecords): WrittenRecords {
  const before = earlier.counts;
  const reasons = new Set([...Object.keys(before.skippedBy), ...Object.keys(counts.skippedBy)]);
  const skippedBy: SkipCounts = Object.fromEntries(
    [...reasons].map((reason) => [
      reason,
      (before.skippedBy[reason] ?? 0) + (counts.skippedBy[reason] ?? 0),
    ]),
  );
  return {
    manifests,
    packIds: new Set([...earlier.packIds, ...packIds]),
    counts: {
      records: before.records + counts.records,
      bytes: before.bytes + counts.bytes,
      readRecords: before.readRecords + counts.readRecords,
      readBytes: before.readBytes + counts.readBytes,
      skipped: before.skipped + counts.skipped,
      skippedBy,
    },
  };
}
