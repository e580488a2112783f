import { hash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { NO_ENTRIES } from '../shared/domain/audit-chain.ts';
import { daysAfter, type LockRule } from '../shared/domain/lock.ts';
import type { Pack, Snapshot, StoredObject, Vault } from '../shared/domain/records.ts';
import type { ManifestPart } from '../shared/domain/run-records.ts';
import { manifestKey, packKey, sealKey } from '../shared/format/object-keys.ts';
import { sealBytes } from '../shared/format/seal.ts';

/** How large the imagined vault is, and how much of it is due. */
export interface VaultShape {
  readonly packs: number;
  readonly snapshots: number;
  /** Snapshots that the daily work has not looked at. */
  readonly unsettled: number;
  /** Snapshots whose end is past. */
  readonly ended: number;
}

export const RULE: LockRule = {
  mode: 'rolling',
  minimumDays: 30,
  horizonDays: 90,
  gridDays: 7,
};

const START = new Date('2026-11-02T08:00:00Z');
const KEPT_DAYS = 5_000;
const PACK_BYTES = 32 * 1024 * 1024;
const SEQUENCE_DIGITS = 16;
/** Of ten packs one is due for its renewal. */
const DUE_EVERY = 10;

/**
 * A vault that is made up, record by record, whenever one is asked for: so what is measured is the
 * memory of the daily work, and not of the vault. The first run wrote half of its packs; every
 * later one writes some and drops as many of the oldest.
 */
export class ImaginedVault {
  readonly shape: VaultShape;
  readonly vaultId = idAt(START, 1);
  readonly now: Date;
  readonly #perRun: number;
  readonly #seals = new Map<number, StoredObject>();

  constructor(shape: VaultShape) {
    this.shape = shape;
    this.now = daysAfter(START, shape.snapshots);
    this.#perRun = Math.floor(shape.packs / 2 / shape.snapshots);
  }

  get vault(): Vault {
    const last = this.shape.snapshots - 1;
    const keys = { primary: 'key-1', secondary: 'key-2' };
    return {
      kind: 'vault',
      vaultId: this.vaultId,
      clientId: idAt(START, 2),
      recordClass: 'bench',
      policyId: 'bench',
      policyVersion: 1,
      state: 'ACTIVE',
      source: { kind: 'folder' },
      keys,
      probes: keys,
      createdAt: START.toISOString(),
      createdBy: 'bench',
      nextBackupAt: null,
      lastSnapshotId: this.snapshotId(last),
      lastSnapshotAt: daysAfter(START, last).toISOString(),
      drill: null,
      activeRun: null,
      holds: 0,
      closing: null,
      erasureId: null,
      audit: NO_ENTRIES,
    };
  }

  snapshotId(number: number): string {
    return idAt(daysAfter(START, number), number);
  }

  /** @returns the number of a snapshot by the id in an object key; NaN when there is none. */
  numberIn(key: string): number {
    const [, sequence] = /snapshots\/.{10}(\d+)\//.exec(key) ?? [];
    return Number(sequence ?? Number.NaN);
  }

  snapshot(number: number): Snapshot {
    const { snapshots, ended } = this.shape;
    const createdAt = daysAfter(START, number);
    const isEnded = number < ended;
    const retainUntil = isEnded ? daysAfter(this.now, -20) : daysAfter(createdAt, KEPT_DAYS);
    const lockedUntil = isEnded ? daysAfter(this.now, -5) : daysAfter(this.now, 60);
    const snapshotId = this.snapshotId(number);
    const isUnsettled = number >= snapshots - this.shape.unsettled;
    return {
      kind: 'snapshot',
      vaultId: this.vaultId,
      snapshotId,
      runId: snapshotId,
      policyId: 'bench',
      policyVersion: 1,
      createdAt: createdAt.toISOString(),
      tiers: ['daily'],
      retainUntil: retainUntil.toISOString(),
      expiredAt: null,
      lockedUntil: lockedUntil.toISOString(),
      seal: isUnsettled ? this.#sealOf(number) : stored(sealKey(this.vaultId, snapshotId)),
      counts: { ...NO_COUNTS },
      protectionState: 'protected',
    };
  }

  manifestPart(number: number): ManifestPart {
    const snapshotId = this.snapshotId(number);
    const names = { vaultId: this.vaultId, snapshotId, runId: snapshotId, part: 0 } as const;
    const object = stored(manifestKey(this.vaultId, snapshotId, 0));
    return { kind: 'manifest-part', ...names, content: null, ...object };
  }

  pack(number: number): Pack {
    const { snapshots, unsettled, ended } = this.shape;
    const writer = this.#writerOf(number);
    const dropper = this.#dropperOf(number);
    const isSettled = dropper < snapshots - unsettled;
    const packId = idAt(daysAfter(START, writer), number);
    const days = dropper <= ended ? -5 : number % DUE_EVERY === 0 ? 20 : 60;
    return {
      kind: 'pack',
      vaultId: this.vaultId,
      packId,
      snapshotId: this.snapshotId(writer),
      runId: this.snapshotId(writer),
      lockedUntil: daysAfter(this.now, days).toISOString(),
      droppedBy: isSettled ? this.snapshotId(dropper) : null,
      life: { bytes: 1, liveBytes: 1, wornBy: null, expiredSince: null },
      ...stored(packKey(this.vaultId, packId), PACK_BYTES),
    };
  }

  /** @returns the bytes of a seal, made up anew each time. */
  sealBytes(number: number): Buffer {
    const { createdAt, tiers, retainUntil, lockedUntil, policyId, policyVersion } =
      this.#datesOf(number);
    const packs = [];
    for (let index = 0; index < this.shape.packs; index += 1) {
      if (this.#writerOf(index) <= number && number < this.#dropperOf(index)) {
        const { packId, snapshotId, size, sha256, versions } = this.pack(index);
        packs.push({ packId, snapshotId, size, sha256, versions, liveBytes: 1 });
      }
    }
    const snapshotId = this.snapshotId(number);
    const { vaultId } = this;
    const manifests = [stored(manifestKey(vaultId, snapshotId, 0))];
    const dates = { createdAt, tiers, retainUntil, lockedUntil, policyId, policyVersion };
    return sealBytes({
      format: 1,
      ...{ vaultId, snapshotId, ...dates, counts: { ...NO_COUNTS }, manifests, packs },
    });
  }

  #datesOf(
    number: number,
  ): Pick<Snapshot, 'createdAt' | 'retainUntil' | 'lockedUntil'> &
    Pick<Snapshot, 'tiers' | 'policyId' | 'policyVersion'> {
    const createdAt = daysAfter(START, number);
    return {
      createdAt: createdAt.toISOString(),
      tiers: ['daily'],
      retainUntil: daysAfter(createdAt, KEPT_DAYS).toISOString(),
      lockedUntil: daysAfter(createdAt, RULE.horizonDays).toISOString(),
      policyId: 'bench',
      policyVersion: 1,
    };
  }

  #sealOf(number: number): StoredObject {
    const known = this.#seals.get(number);
    if (known !== undefined) {
      return known;
    }
    const bytes = this.sealBytes(number);
    const key = sealKey(this.vaultId, this.snapshotId(number));
    const seal = { ...stored(key, bytes.length), sha256: hash('sha256', bytes, 'hex') };
    this.#seals.set(number, seal);
    return seal;
  }

  #writerOf(pack: number): number {
    const first = this.shape.packs / 2;
    const run = 1 + Math.floor((pack - first) / this.#perRun);
    return pack < first ? 0 : Math.min(run, this.shape.snapshots - 1);
  }

  /** A number that no snapshot has, for a pack that the last one still names. */
  #dropperOf(pack: number): number {
    const run = 1 + Math.floor(pack / this.#perRun);
    return pack < this.shape.packs / 2 ? run : Number.POSITIVE_INFINITY;
  }
}

const NO_COUNTS: Snapshot['counts'] = {
  ...{ records: 0, bytes: 0, readRecords: 0, readBytes: 0, packs: 0, packBytes: 0 },
  ...{ skipped: 0, skippedBy: {} },
};

/** The version of every object, in both copies. */
export const VERSION = 'kQXm2wz7vN0pT5rB8yLcHd3JfG6sA1eU';

function stored(key: string, size = 1_000): StoredObject {
  const versions = { primary: VERSION, secondary: VERSION };
  return { key, size, sha256: 'ab'.repeat(32), versions };
}

function idAt(at: Date, number: number): string {
  return encodeTime(at.getTime()) + String(number).padStart(SEQUENCE_DIGITS, '0');
}
