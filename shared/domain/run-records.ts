import type { PolicyPin } from './policy-records.ts';
import type { SnapshotCounts, StoredObject } from './records.ts';

/** What the lines of a manifest count, without the packs they name. */
export type RecordCounts = Omit<SnapshotCounts, 'packs' | 'packBytes'>;

/** A part of a snapshot's manifest, one encrypted object (format.md 4.6). */
export interface ManifestPart extends StoredObject {
  readonly kind: 'manifest-part';
  readonly vaultId: string;
  readonly snapshotId: string;
  /** The run that wrote it: parts of a run that never committed are found by it. */
  readonly runId: string;
  /** The number in its name. Parts in the order of their numbers are the manifest. */
  readonly part: number;
  /** What is in it; `null` for a part that a push wrote, whose machine has added it up itself. */
  readonly content: PartContent | null;
}

/** What the lines of a manifest part say, added up: so that a seal needs to read no part again. */
export interface PartContent {
  readonly counts: RecordCounts;
  /** Plaintext bytes of the records it names, by the id of the pack they lie in. */
  readonly packs: Readonly<Record<string, number>>;
}

/**
 * What the attempts of a run are to make, from its first attempt to its commit. What they have
 * written of it, the shards and the manifest parts of that snapshot say.
 */
export interface RunProgress extends PolicyPin {
  readonly snapshotId: string;
  /** When the snapshot was begun. */
  readonly createdAt: string;
  /** The snapshot it continues from; with another one the run begins anew. */
  readonly previousSnapshotId: string | null;
  /** The seal, which may have been written or not; `null` before. */
  readonly seal: StoredObject | null;
}

/** One range of paths of a snapshot that is being made, and how far it is. */
export interface BackupShard {
  readonly kind: 'shard';
  readonly vaultId: string;
  readonly snapshotId: string;
  /** Shards count from 0 in the order of their ranges, which follow each other without a gap. */
  readonly shard: number;
  /**
   * Its range of paths, encrypted under the vault's keys and in Base64 (format.md 2.6); `null` for
   * all paths there are.
   */
  readonly range: string | null;
  /** Whether its range has no end. */
  readonly reachesEnd: boolean;
  /** How many of its numbers for manifest parts are used up; none is used twice. */
  readonly nextPart: number;
  /** A manifest part, and the pack closed with it, that may have been written or not. */
  readonly pending: { readonly part: number; readonly packId: string | null } | null;
  readonly isDone: boolean;
}
