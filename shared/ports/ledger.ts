import type { Work } from '../domain/due-work.ts';
import type { LedgerRecord, RecordKind, RecordOf } from '../domain/records.ts';

export type { Work } from '../domain/due-work.ts';

/**
 * The table of everything Holdfast knows: clients, vaults, policies, snapshots, packs, manifest
 * parts, runs, shards, erasures, holds, verifications and audit entries.
 *
 * Reads by key and lists by parent are strongly consistent. `due` may lag behind by seconds. A
 * write is one transaction: all changes happen or none. Every record carries a version; a write
 * names the version it has seen, so that two writers never overwrite each other unseen. The first
 * version is 1, and each write adds 1.
 *
 * All methods throw HoldfastError `LEDGER_UNAVAILABLE` after bounded retries.
 */
export interface Ledger {
  /**
   * Names the table this is, for as long as it exists. A table that was restored is another one,
   * whatever it is called. The answer may be a minute old: restoring one takes longer.
   */
  identity(): Promise<string>;

  get<Kind extends RecordKind>(
    kind: Kind,
    ...id: RecordId<Kind>
  ): Promise<Stored<Kind> | undefined>;

  /** Records of one kind under one parent, in order of their ids. */
  list<Kind extends ListedKind>(kind: Kind, parent: ParentId<Kind>): AsyncIterable<Stored<Kind>>;

  /**
   * Ids of vaults with work of a kind due at or before `at`, the longest due first; of clients for
   * `client-hold`. An id comes once for each record that waits.
   */
  due(work: Work, at: Date): AsyncIterable<string>;

  /**
   * Writes 1 to 100 records in one transaction, none of them twice; a vault that must not exist yet
   * counts as two. Repeating exactly the same write after a lost answer is harmless.
   * @throws HoldfastError `LEDGER_CONFLICT`, naming the first record whose version was not the
   * expected one; nothing is written then.
   * @throws RangeError when there are too few or too many changes.
   */
  write(changes: readonly Change[]): Promise<void>;
}

/** A record with the version it was read at. */
export interface Stored<Kind extends RecordKind> {
  readonly record: RecordOf<Kind>;
  readonly version: number;
}

/**
 * Puts `record`; `expect` is the version it replaces, `absent` when it must not exist yet. With
 * `removes` it is taken out instead.
 */
export type Change =
  | { readonly record: LedgerRecord; readonly expect: number | 'absent'; readonly removes?: false }
  | { readonly record: LedgerRecord; readonly expect: number; readonly removes: true };

/** The values that identify a record of each kind. */
export type RecordId<Kind extends RecordKind> = {
  client: [clientId: string];
  'client-reference': [reference: string];
  vault: [vaultId: string];
  'vault-class': [clientId: string, recordClass: string];
  'vault-key': [keyArn: string];
  snapshot: [vaultId: string, snapshotId: string];
  pack: [vaultId: string, packId: string];
  'manifest-part': [vaultId: string, snapshotId: string, part: number];
  run: [vaultId: string, runId: string];
  shard: [vaultId: string, snapshotId: string, shard: number];
  restore: [vaultId: string, restoreId: string];
  erasure: [vaultId: string, erasureId: string];
  hold: [vaultId: string, holdId: string];
  'client-hold': [clientId: string, holdId: string];
  handover: [vaultId: string];
  'legal-hold': [vaultId: string, objectKey: string];
  'moved-object': [vaultId: string, objectKey: string];
  'key-event': [chainId: string, eventId: string];
  verification: [vaultId: string, verificationId: string];
  reading: [vaultId: string, objectKey: string];
  coverage: [vaultId: string];
  protection: [vaultId: string];
  certificate: [vaultId: string, certificateId: string];
  tombstone: [vaultId: string];
  upkeep: [vaultId: string];
  policy: [policyId: string, version: number];
  installation: [];
  audit: [chainId: string, sequence: number];
}[Kind];

export type ListedKind =
  | 'client'
  | 'vault'
  | 'snapshot'
  | 'pack'
  | 'manifest-part'
  | 'run'
  | 'shard'
  | 'hold'
  | 'client-hold'
  | 'legal-hold'
  | 'moved-object'
  | 'reading'
  | 'certificate'
  | 'policy'
  | 'audit';

/**
 * What a list is taken under: nothing for all of a kind, what a client has, a vault's own, what one
 * snapshot has, or an audit chain: all of it, or the entries behind `after` and no further than
 * `upTo`. Entries outside of those bounds are not read.
 */
export type ParentId<Kind extends ListedKind> = Kind extends 'client' | 'policy'
  ? null
  : Kind extends 'vault' | 'client-hold'
    ? { clientId: string }
    : Kind extends 'manifest-part' | 'shard'
      ? { vaultId: string; snapshotId: string }
      : Kind extends 'audit'
        ? { chainId: string; after?: number; upTo?: number }
        : { vaultId: string };
