import { createHash } from 'node:crypto';
import type { SeededRandom } from '../../bench/seeded-random.ts';
import type { Snapshot, Vault } from '../../shared/domain/records.ts';
import type { Seal } from '../../shared/format/seal.ts';
import type { MemorySource } from '../support/memory-source.ts';

/** What one record of a snapshot is, and where it lies. */
export interface PlacedRecord {
  readonly path: string;
  readonly size: number;
  readonly pack: string;
}

/** An object as a seal names it. */
export interface BirthObject {
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
}

/** A snapshot as it was at its commit; nothing the ledger says later changes it. */
export interface Birth {
  readonly snapshot: Snapshot;
  readonly seal: Seal;
  /** Every object that it consists of, as its seal says. */
  readonly objects: readonly BirthObject[];
  /** SHA-256 of each record of the source by its path. */
  readonly content: ReadonlyMap<string, string>;
  readonly placed: readonly PlacedRecord[];
  /** When it was committed, in ms; a run that goes on with another's work began it earlier. */
  readonly metAt: number;
  /** When it was to end, as promised at its commit, in ms. */
  readonly end: number;
}

export interface SimulatedHold {
  readonly holdId: string;
  /** The snapshot it is on; `null`: all of the vault. */
  readonly snapshotId: string | null;
  /** Whether it is on the client. */
  readonly isClientHold: boolean;
}

/** What the simulation itself knows of a vault, beside whatever ledger and copies say. */
export class SimulatedVault {
  readonly vaultId: string;
  readonly clientId: string;
  readonly vault: Vault;
  readonly source: MemorySource;
  /** The snapshots that somebody may still rely on, in the order of their commits. */
  births: Birth[] = [];
  /** Plaintext bytes of all records in each pack. */
  readonly packed = new Map<string, number>();
  readonly holds: SimulatedHold[] = [];
  /** Days that whatever is needed must stay locked, as its policy says. */
  minimumDays: number;
  stage: 'living' | 'closed' | 'erasing' | 'erased' = 'living';
  /** When the final snapshot of a closed vault ends, in ms; `null`: never. */
  finalEnd: number | null = null;
  /** Days for which its locks may still follow what people have just decided. */
  graceDays = 0;
  /** When S3's legal holds were last made what the holds ask for, in ms. */
  heldSince = Number.NEGATIVE_INFINITY;
  /** When its locks were last renewed, in ms. */
  renewedSince = Number.NEGATIVE_INFINITY;
  /** The last snapshot that was met, whether it is kept or not. */
  lastSnapshotId: string | null = null;
  #content = new Map<string, string>();

  constructor(vault: Vault, source: MemorySource, minimumDays: number) {
    this.vaultId = vault.vaultId;
    this.clientId = vault.clientId;
    this.vault = vault;
    this.source = source;
    this.minimumDays = minimumDays;
  }

  /** The paths of the source. */
  paths(): string[] {
    return [...this.#content.keys()];
  }

  /** @returns the source's content now: SHA-256 by path. */
  content(): ReadonlyMap<string, string> {
    return new Map(this.#content);
  }

  put(path: string, bytes: Buffer): void {
    this.source.put(path, bytes);
    this.#content.set(path, createHash('sha256').update(bytes).digest('hex'));
  }

  delete(path: string): void {
    this.source.delete(path);
    this.#content.delete(path);
  }

  get lastBirth(): Birth | undefined {
    return this.births.at(-1);
  }

  /** Forgets the snapshots that have ended by now. Called before anybody decides anything. */
  endBy(now: number): void {
    this.births = this.births.filter(
      (birth) => this.stage !== 'erased' && this.endOf(birth, now) > now,
    );
  }

  /** Adds a snapshot that was just committed. */
  add(birth: Birth): void {
    this.births.push(birth);
    this.lastSnapshotId = birth.snapshot.snapshotId;
    const fresh = birth.placed.filter(({ pack }) => !this.packed.has(pack));
    for (const { pack, size } of fresh) {
      this.packed.set(pack, (this.packed.get(pack) ?? 0) + size);
    }
  }

  /** @returns until when a kept snapshot is kept, in ms, as far as anybody knows now. */
  endOf(birth: Birth, now: number): number {
    const isLast = birth === this.lastBirth;
    const final = this.stage === 'closed' && isLast ? (this.finalEnd ?? Infinity) : birth.end;
    const end = Math.max(birth.end, final);
    return this.isHeld(birth) || (isLast && end <= now) ? Number.POSITIVE_INFINITY : end;
  }

  isHeld({ snapshot }: Birth): boolean {
    return this.holds.some(
      ({ snapshotId }) => snapshotId === null || snapshotId === snapshot.snapshotId,
    );
  }
}

/** Fills a vault's source with records that do not compress. */
export function fillSource(vault: SimulatedVault, random: SeededRandom, records: number): void {
  for (let index = 0; index < records; index += 1) {
    addRecord(vault, random);
  }
}

/** Bytes of a record: 2 to 6 KB. */
function content(random: SeededRandom): Buffer {
  return random.bytes(2_000 + random.below(4_000));
}

function addRecord(vault: SimulatedVault, random: SeededRandom): void {
  const number = String(random.below(1_000_000)).padStart(6, '0');
  vault.put(`records/${number}.bin`, content(random));
}

/** Each record changes once in so many days: 1% a day. */
const CHANGES_IN = 100;

/** One record is added, and one deleted, in so many days. */
const MOVES_IN = 200;

/** Fewest records of a source. */
const FEWEST = 10;

/** Changes a source as a day of work does. */
export function changeSource(vault: SimulatedVault, random: SeededRandom): void {
  for (const path of vault.paths()) {
    if (random.below(CHANGES_IN) === 0) {
      vault.put(path, content(random));
    }
  }
  if (random.below(MOVES_IN) === 0) {
    addRecord(vault, random);
  }
  if (random.below(MOVES_IN) === 0 && vault.paths().length > FEWEST) {
    vault.delete(random.pick(vault.paths()));
  }
}
