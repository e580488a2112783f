import type { PerCopy } from '../domain/copy-name.ts';
import type { PushDraft, SnapshotCounts, StoredObject } from '../domain/records.ts';
import type { InstallationAnswer } from './installation-answer.ts';

/** What a push needs to know. */
export interface PushAnswer extends PushDraft {
  readonly vaultId: string;
  readonly runId: string;
  /** The vault's KMS key ARN in each Region. */
  readonly keys: PerCopy<string>;
  /** Packs whose records are to be read again, so that they are needed no longer. */
  readonly repack: readonly string[];
  /** The snapshot it continues from; `null` for the first one. */
  readonly previous: {
    readonly vaultId: string;
    readonly snapshotId: string;
    readonly seal: StoredObject;
    readonly counts: SnapshotCounts;
  } | null;
  /** Until when the vault is the push's own, unless renewed. */
  readonly until: string;
  /** Where the copies lie. */
  readonly installation: InstallationAnswer;
}

export interface PushRenewalAnswer {
  readonly until: string;
  /** The packs asked to be carried, locked as long as the snapshot now; ascending by id. */
  readonly carried: readonly CarriedPackAnswer[];
}

/** A pack as a seal names it. */
export interface CarriedPackAnswer extends Omit<StoredObject, 'key'> {
  readonly packId: string;
  readonly snapshotId: string;
}
