import type { ShardLimits } from './cut-shards.ts';
import type { Walk } from './walk-shard.ts';

/**
 * A function hands back when it has less time left than this: enough to close a pack and a manifest
 * part in both copies while they are slow, or to lock, seal and commit.
 */
const HAND_BACK_MS = 120_000;

/** Step Functions' own limit is 10,000; 1,000 numbers are 4 KB of an execution's state. */
const MOST_SHARDS = 1_000;

/**
 * Records of a shard: at some 25 ms a read and 16 at once, one function reads as many in about 13
 * minutes. Unchanged ones take it about 15 seconds.
 */
const SHARD_RECORDS = 500_000;

/** Bytes of a shard: at some 40 MiB a second, what one function reads in about 13 minutes. */
const SHARD_BYTES = 32 * 1024 ** 3;

/**
 * How many shards' records are walked by one function before the rest is divided: a vault that is
 * smaller costs no more than one function, and what is unchanged takes a minute.
 */
const SHARDS_ALONE = 4;

/** How one invocation works on a run. */
export interface TurnOptions {
  /** Milliseconds that the caller still has. @default there is no end */
  readonly remainingMs?: () => number;
  /** Plaintext bytes after which a pack is closed. @default 32 MiB */
  readonly packBytes?: number;
  /** Records of a shard, about. @default 500,000 */
  readonly shardRecords?: number;
}

/** The same, in the words of those who use it. */
export interface TurnLimits extends Pick<Walk, 'packBytes'> {
  /** Whether it is time to hand back. */
  readonly isLate: () => boolean;
  /** Records after which a range without an end is left to be divided. */
  readonly recordsAlone: number;
  readonly shards: ShardLimits;
}

export function turnLimits({
  remainingMs = () => Number.POSITIVE_INFINITY,
  packBytes,
  shardRecords = SHARD_RECORDS,
}: TurnOptions): TurnLimits {
  const isLate = () => remainingMs() < HAND_BACK_MS;
  return {
    ...(packBytes !== undefined && { packBytes }),
    isLate,
    recordsAlone: SHARDS_ALONE * shardRecords,
    shards: { records: shardRecords, bytes: SHARD_BYTES, shards: MOST_SHARDS, mustStop: isLate },
  };
}
