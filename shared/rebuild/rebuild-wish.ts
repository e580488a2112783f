import type { CopyName } from '../domain/copy-name.ts';
import type { Snapshot } from '../domain/records.ts';
import type { FoundSeal } from './find-seals.ts';

/** How to rebuild. */
export interface RebuildWish {
  readonly actor: string;
  /** The copy to believe. */
  readonly from: CopyName;
  /** Change nothing, say what would be done. */
  readonly dryRun: boolean;
  /** Asked before each snapshot, and while its objects are added. */
  readonly hasTime: () => boolean;
}

/** A vault as copy and ledger show it. */
export interface VaultFindings {
  readonly vaultId: string;
  /** Its seals in the copy, oldest snapshot first. */
  readonly found: readonly FoundSeal[];
  /** The snapshots that the ledger has, by their ids. */
  readonly recorded: ReadonlyMap<string, Snapshot>;
}
