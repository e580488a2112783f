import type { PathRange } from '../domain/path-range.ts';
import type { Pack } from '../domain/records.ts';
import type { ManifestPart } from '../domain/run-records.ts';
import type { Services } from '../ports/services.ts';
import { packsToRepack } from '../retention/repack.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { compareWithPrevious } from './compare-with-previous.ts';
import { ManifestSeries } from './manifest-series.ts';
import { type PackOwner, PackSeries, type PackSeriesOptions } from './pack-series.ts';
import { previousRecords } from './previous-records.ts';
import { readAhead } from './read-ahead.ts';
import type { EarlierWork } from './resume-shard.ts';
import type { ShardLog } from './shard-log.ts';
import type { TakenVault } from './take-vault.ts';
import { type ManifestSink, writeRecords } from './write-records.ts';

type WalkingServices = Pick<Services, 'copies' | 'custody' | 'ids' | 'ledger' | 'openSource'>;

/** How an attempt of a shard goes on. */
export interface Walk extends Pick<PackSeriesOptions, 'packBytes'> {
  readonly owner: PackOwner;
  readonly log: ShardLog;
  readonly range: PathRange;
  /** What the attempts before have done. */
  readonly earlier: EarlierWork;
  /**
   * Asked after each record: `true` ends the walk, with all that it has written closed.
   * @param walked - records that this walk has dealt with.
   */
  readonly mustStop: (walked: number) => boolean;
}

/** Where a walk has ended. */
export interface Walked {
  /** Whether it was ended before it came to the end of its range. */
  readonly isCut: boolean;
  /** The last path it came to; `null` when there was none. */
  readonly lastPath: string | null;
}

/**
 * Walks a range of the source's listing and of the previous manifest side by side, from where the
 * attempt before has left off, and writes packs and manifest parts.
 *
 * @throws what source, copies, keys and ledger throw; what was closed before stays.
 */
export async function walkShard(
  services: WalkingServices,
  { vault, previous }: TakenVault,
  walk: Walk,
): Promise<Walked> {
  const { owner, range, earlier, mustStop } = walk;
  const access = { services, keys: owner.keys, choice: new CopyChoice('any') };
  const source = services.openSource(vault);
  const after = earlier.lastPath ?? range.after;
  const entries = source.list({ ...range, after });
  const repack = await packsToRepack(services.ledger, owner.vaultId);
  const before = previousRecords(access, previous, after);
  const steps = compareWithPrevious(entries, before, repack);
  const items = readAhead(source, owner.vaultId, steps);
  let [isCut, walked] = [false, 0];
  const mustEnd = (): boolean => {
    walked += 1;
    isCut = mustStop(walked);
    return isCut;
  };
  let lastPath = after;
  const { packs, manifest } = writersOf(services, walk, (path) => {
    lastPath = path;
  });
  await writeRecords(source, owner.vaultId, items, packs, manifest, mustEnd);
  return { isCut, lastPath };
}

/**
 * A manifest part is closed with each pack, so that a shard that is cut off writes no pack again.
 * Each lists what is in the pack, and what was carried forward between its records.
 */
function writersOf(
  services: WalkingServices,
  { owner, log, earlier, packBytes }: Walk,
  onPath: (path: string) => void,
): { packs: PackSeries; manifest: ManifestSink } {
  const series = new ManifestSeries(services, owner, () => log.nextPart);
  let closed: ManifestPart | undefined;
  const closePart = (pack: Pack | undefined): Promise<ManifestPart> =>
    series.close((part) => log.announce(part, pack));
  const closeAlone = async (): Promise<void> => log.confirm(await closePart(undefined), undefined);
  const beforeSeen = async (pack: Pack): Promise<void> => {
    closed = await closePart(pack);
  };
  const recordPack = async (pack: Pack): Promise<void> => {
    await log.confirm(closed as ManifestPart, pack);
  };
  const options = packBytes === undefined ? { beforeSeen } : { beforeSeen, packBytes };
  const packs = new PackSeries(services, owner, recordPack, options);
  let hasPart = earlier.hasPart || log.shard.shard > 0;
  const closeFull = async (written: Promise<void> | undefined): Promise<void> => {
    await written;
    // A part names no pack that is not there: the one that was begun is closed with it.
    await packs.finish();
    await (series.isOpen ? closeAlone() : undefined);
  };
  const manifest: ManifestSink = {
    write: (line, wasRead) => {
      hasPart = true;
      onPath(line.path);
      const written = series.write(line, wasRead);
      return series.isFull ? closeFull(written) : written;
    },
    finish: async () => {
      // A snapshot without a record has a part without a line.
      await (series.isOpen || !hasPart ? closeAlone() : undefined);
      return [];
    },
    abandon: () => series.abandon(),
  };
  return { packs, manifest };
}
