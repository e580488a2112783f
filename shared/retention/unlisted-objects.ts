import { idTime } from '../domain/ids.ts';
import type { BackupRun, Vault } from '../domain/records.ts';
import type { SweepReason } from '../domain/sweep-records.ts';
import type { Copy, CopyListing } from '../ports/copy.ts';
import type { Ledger } from '../ports/ledger.ts';
import { readReplacing } from '../rebuild/find-seals.ts';

/** Clocks of the functions that make ids and times may differ by this much. */
const SKEW_MS = 5 * 60_000;

/** Names that Holdfast gives (format.md 1.1). */
const ID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';
const OWN = new RegExp(`/(?:packs/${ID}|snapshots/(${ID})/(?:manifest-\\d+|seal\\.json))$`);
const SEAL = /\/seal\.json$/;
const TOMBSTONE = /\/tombstone\.json$/;

/** Spans in which runs may have begun a snapshot, in milliseconds. */
type Spans = readonly (readonly [from: number, to: number])[];

/**
 * Judges objects that lie in a copy and that the ledger does not list. A ledger that was restored
 * from yesterday must not remove what was written today, and must not treat an erased vault as if
 * it lived.
 */
export class UnlistedObjects {
  readonly #ledger: Ledger;
  readonly #vault: Vault;
  readonly #atWork: string | null;
  #spans: Spans | undefined;

  /** @param atWork - the snapshot that the run at work is to become; `null` for none. */
  constructor(ledger: Ledger, vault: Vault, atWork: string | null) {
    this.#ledger = ledger;
    this.#vault = vault;
    this.#atWork = atWork;
  }

  /** @returns whether it is no concern of a sweep: a tombstone, or part of the run at work. */
  isToStay(key: string): boolean {
    const snapshotId = this.writerOf(key);
    return TOMBSTONE.test(key) || (snapshotId !== null && snapshotId === this.#atWork);
  }

  /** @returns the snapshot whose manifest or seal an object is named as; `null` for neither. */
  writerOf(key: string): string | null {
    return OWN.exec(key)?.[1] ?? null;
  }

  /** @returns why an object is to be removed once its lock has ended. */
  reasonFor(key: string): SweepReason {
    if (this.#vault.state === 'ERASED') {
      return 'erased';
    }
    return OWN.test(key) ? 'orphan' : 'foreign';
  }

  /**
   * @returns what contradicts the ledger; `null` when nothing does.
   * @throws HoldfastError `LEDGER_UNAVAILABLE`.
   */
  async problemOf(key: string): Promise<string | null> {
    if (TOMBSTONE.test(key)) {
      return this.#vault.state === 'ERASED'
        ? null
        : `the vault is ${this.#vault.state} in the ledger, and has a tombstone`;
    }
    const snapshotId = this.#sealOf(key);
    if (snapshotId === null) {
      return null;
    }
    // Both may have been committed since the sweep began to look.
    const { vaultId } = this.#vault;
    if ((await this.#ledger.get('snapshot', vaultId, snapshotId)) !== undefined) {
      return null;
    }
    const isKnown = await this.#wasAtWork(idTime(snapshotId).getTime());
    return isKnown ? null : 'the ledger knows neither this snapshot nor a run that wrote it';
  }

  /**
   * @param recorded - the version of a seal that the ledger lists.
   * @param listed - all versions under its name, newest first.
   * @returns what contradicts the ledger; `null` when nothing does.
   * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`.
   */
  async problemOfSeal(
    copy: Copy,
    recorded: string,
    listed: readonly CopyListing[],
  ): Promise<string | null> {
    const at = listed.findIndex(({ versionId }) => versionId === recorded);
    const later = listed.slice(0, Math.max(at, 0)).filter(({ isDeleteMarker }) => !isDeleteMarker);
    const seal = listed[at];
    const snapshotId = seal === undefined ? null : this.#sealOf(seal.key);
    if (seal === undefined || snapshotId === null || later.length === 0) {
      return null;
    }
    const versions = later.map(({ versionId }) => versionId).reverse();
    const found = { ...seal, snapshotId, later: versions };
    const seals = await readReplacing(copy, this.#vault.vaultId, found);
    return seals.length < 2 ? null : 'the ledger does not know of the move that replaced it';
  }

  /** @returns the snapshot that a key is the seal of; `null` for none that is still to be kept. */
  #sealOf(key: string): string | null {
    return SEAL.test(key) && this.#vault.state !== 'ERASED' ? this.writerOf(key) : null;
  }

  /** A seal without a snapshot is what a run leaves that was cut off just before its commit. */
  async #wasAtWork(time: number): Promise<boolean> {
    this.#spans ??= await this.#readSpans();
    return this.#spans.some(([from, to]) => from - SKEW_MS <= time && time <= to + SKEW_MS);
  }

  async #readSpans(): Promise<Spans> {
    const { vaultId, activeRun } = this.#vault;
    const spans: [number, number][] = [];
    for await (const { record } of this.#ledger.list('run', { vaultId })) {
      const lease = activeRun?.runId === record.runId ? activeRun.until : null;
      const end = record.endedAt ?? lease ?? lastBegun(record);
      spans.push([Date.parse(record.requestedAt), Date.parse(end)]);
    }
    return spans;
  }
}

/**
 * A run that has not ended and does not have its vault waits, or a ledger that was rolled back has
 * never heard of its end: then it must not stand for what was written long after.
 */
function lastBegun({ progress, push, requestedAt }: BackupRun): string {
  return progress?.createdAt ?? push?.createdAt ?? requestedAt;
}
