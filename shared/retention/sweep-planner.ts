import { COPY_NAMES, type CopyName } from '../domain/copy-name.ts';
import { daysAfter } from '../domain/lock.ts';
import type { StoredObject } from '../domain/records.ts';
import {
  SWEEP_REASONS,
  type SweepCount,
  type SweepDisagreement,
  type SweepReason,
  type SweepRest,
} from '../domain/sweep-records.ts';
import type { CopyListing } from '../ports/copy.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import type { NeededObjects } from './needed-objects.ts';
import type { UnlistedObjects } from './unlisted-objects.ts';

/**
 * Days that an object stays after its lock has ended, so that a restore or a verification that has
 * begun just before a snapshot ended finds it to the last byte.
 */
const GRACE_DAYS = 1;

/** Locks that S3 is asked for at once. */
const QUESTIONS_AT_ONCE = 16;

/** Disagreements that are named; the others are counted. */
const MOST_NAMED = 20;

const NOTHING: SweepCount = { versions: 0, bytes: 0 };

/** One version in one copy. */
export interface DoomedVersion {
  readonly copy: CopyName;
  readonly versionId: string;
  readonly bytes: number;
}

/** A record that goes with an object once no copy has it. */
export type SideRecord = Stored<'reading'> | Stored<'legal-hold'>;

/** An object whose time has come, and what the ledger has of it. */
export interface DoomedObject {
  readonly key: string;
  readonly reason: SweepReason;
  readonly versions: readonly DoomedVersion[];
  readonly records: readonly (Stored<'pack'> | Stored<'moved-object'> | SideRecord)[];
  /** The snapshot, committed or not, whose manifest or seal it is. */
  readonly snapshotId: string | null;
  /** When its lock ended; `null` for what was never locked. */
  readonly unlockedSince: Date | null;
}

/** What is no more needed, and goes when its lock has ended. */
type FallenObject = Omit<DoomedObject, 'unlockedSince'>;

/** What a sweep of one vault would do now. */
export interface SweepPlan {
  readonly doomed: readonly DoomedObject[];
  /** By reason; reasons without a version are left out. */
  readonly removes: Readonly<Partial<Record<SweepReason, SweepCount>>>;
  readonly total: SweepCount;
  /** Needed by nobody, and still locked or just unlocked. */
  readonly stays: SweepRest;
  /** All that lies under the vault's prefix in both copies. */
  readonly stored: SweepCount;
  /** Of it, what is no concern of a sweep: tombstones, and what the run at work has written. */
  readonly lasting: SweepCount;
  /** The first of them. */
  readonly disagreements: readonly SweepDisagreement[];
  readonly disagreementCount: number;
  /** Whether all of the vault was looked at; what is missing may say otherwise. */
  readonly isWhole: boolean;
}

/** An object that the ledger lists. */
export interface KnownObject extends StoredObject {
  readonly lockedUntil: string;
  readonly pack: Stored<'pack'> | null;
  readonly snapshotId: string | null;
}

/** What both copies have under one key, newest version first. */
export type ListedVersions = Readonly<Record<CopyName, readonly CopyListing[]>>;

export interface PlannerOptions {
  readonly services: Pick<Services, 'clock' | 'copies'>;
  readonly needed: NeededObjects;
  readonly unlisted: UnlistedObjects;
  /** The snapshot that dropped a pack, or that none did, where the ledger says otherwise yet. */
  readonly dropped: ReadonlyMap<string, string | null>;
}

/** Decides, key by key, what is to be removed and what stays until when. */
export class SweepPlanner {
  readonly #options: PlannerOptions;
  readonly #doomed: DoomedObject[] = [];
  readonly #disagreements: SweepDisagreement[] = [];
  /** Each has one version; how long that is locked is not known yet. */
  readonly #unasked: FallenObject[] = [];
  #disagreementCount = 0;
  #stored = NOTHING;
  #lasting = NOTHING;
  #stays = NOTHING;
  #ends: { readonly first: Date; readonly last: Date } | null = null;

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /**
   * Judges what an object was before its vault was moved to other keys.
   * @returns the versions that are left to judge.
   */
  addMoved(moved: Stored<'moved-object'> | undefined, listed: ListedVersions): ListedVersions {
    if (moved === undefined) {
      return listed;
    }
    const { key, before } = moved.record;
    const isOld = (copy: CopyName) => (version: CopyListing) =>
      version.versionId === before.versions[copy];
    const old = COPY_NAMES.flatMap((copy) =>
      listed[copy].filter(isOld(copy)).map((version) => doomedVersion(copy, version)),
    );
    for (const { bytes } of old) {
      this.#stored = plus(this.#stored, bytes);
    }
    const object = {
      key,
      reason: 'moved',
      versions: old,
      records: [moved],
      snapshotId: null,
    } as const;
    this.#judge(object, new Date(before.lockedUntil));
    const left = (copy: CopyName) => listed[copy].filter((version) => !isOld(copy)(version));
    return { primary: left('primary'), secondary: left('secondary') };
  }

  /** @param records - what else the ledger has about an object that it lists. */
  async add(
    key: string,
    known: KnownObject | undefined,
    listed: ListedVersions,
    records: readonly SideRecord[],
  ): Promise<void> {
    for (const { size } of COPY_NAMES.flatMap((copy) => listed[copy])) {
      this.#stored = plus(this.#stored, size);
    }
    await (known === undefined
      ? this.#addUnlisted(key, listed)
      : this.#addKnown(known, listed, records));
  }

  /** @param isWhole - whether every object was added. */
  async plan(isWhole: boolean): Promise<SweepPlan> {
    await this.#askAll();
    const from = this.#ends?.first.toISOString() ?? null;
    const until = this.#ends?.last.toISOString() ?? null;
    return {
      ...doomedCounts(this.#doomed),
      stays: { ...this.#stays, from, until },
      stored: this.#stored,
      lasting: this.#lasting,
      disagreements: this.#disagreements,
      disagreementCount: this.#disagreementCount,
      isWhole,
    };
  }

  async #addKnown(
    known: KnownObject,
    listed: ListedVersions,
    records: readonly SideRecord[],
  ): Promise<void> {
    const { key, pack, snapshotId, lockedUntil } = known;
    const { services, unlisted } = this.#options;
    const reason = this.#reasonFor(known);
    const versions: DoomedVersion[] = [];
    for (const copy of COPY_NAMES) {
      const recorded = known.versions[copy];
      for (const version of listed[copy]) {
        // Where none is recorded, a repair may have put it there and not have said so yet.
        const mayBeOwn = recorded === null && !version.isDeleteMarker && reason === null;
        if (version.versionId === recorded) {
          versions.push(doomedVersion(copy, version));
        } else if (!mayBeOwn) {
          await this.#addForeign(key, copy, version, 'foreign', null);
        }
      }
      const replaced =
        recorded && (await unlisted.problemOfSeal(services.copies[copy], recorded, listed[copy]));
      if (replaced) {
        this.#disagree(copy, key, replaced);
      }
      const isThere = listed[copy].some(({ versionId }) => versionId === recorded);
      if (reason === null && recorded !== null && !isThere) {
        this.#disagree(copy, key, 'the ledger says that it is there, and it is not');
      }
    }
    if (reason !== null) {
      const all = pack === null ? records : [pack, ...records];
      this.#judge({ key, reason, versions, records: all, snapshotId }, new Date(lockedUntil));
    }
  }

  #reasonFor({ pack, snapshotId }: KnownObject): SweepReason | null {
    const { needed, dropped } = this.#options;
    if (pack === null) {
      return needed.whySnapshot(snapshotId ?? '');
    }
    const { record } = pack;
    const news = dropped.get(record.packId);
    return needed.whyPack(news === undefined ? record : { ...record, droppedBy: news });
  }

  async #addUnlisted(key: string, listed: ListedVersions): Promise<void> {
    const { unlisted } = this.#options;
    const problem = await unlisted.problemOf(key);
    for (const copy of COPY_NAMES) {
      if (problem !== null && listed[copy].length > 0) {
        this.#disagree(copy, key, problem);
      }
      for (const version of listed[copy]) {
        if (unlisted.isToStay(key) && !version.isDeleteMarker) {
          this.#lasting = plus(this.#lasting, version.size);
        } else {
          const writer = unlisted.writerOf(key);
          await this.#addForeign(key, copy, version, unlisted.reasonFor(key), writer);
        }
      }
    }
  }

  /** The ledger does not know this version, so S3 is asked how long it is locked. */
  async #addForeign(
    key: string,
    copy: CopyName,
    version: CopyListing,
    reason: SweepReason,
    snapshotId: string | null,
  ): Promise<void> {
    const object = { key, versions: [doomedVersion(copy, version)], records: [], snapshotId };
    if (version.isDeleteMarker) {
      this.#judge({ ...object, reason: 'marker' }, null);
      return;
    }
    this.#unasked.push({ ...object, reason });
    if (this.#unasked.length === QUESTIONS_AT_ONCE) {
      await this.#askAll();
    }
  }

  async #askAll(): Promise<void> {
    const ask = async (object: FallenObject): Promise<void> => {
      for (const { copy, versionId } of object.versions) {
        const state = await this.#options.services.copies[copy].inspect(object.key, versionId);
        this.#judge(object, state?.lockedUntil ?? null);
      }
    };
    await Promise.all(this.#unasked.splice(0).map(ask));
  }

  #judge(object: FallenObject, lockedUntil: Date | null): void {
    const free = lockedUntil && daysAfter(lockedUntil, GRACE_DAYS);
    if (free === null || free <= this.#options.services.clock.now()) {
      this.#doomed.push({ ...object, unlockedSince: lockedUntil });
      return;
    }
    for (const { bytes } of object.versions) {
      this.#stays = plus(this.#stays, bytes);
      const { first, last } = this.#ends ?? { first: free, last: free };
      this.#ends = { first: free < first ? free : first, last: free > last ? free : last };
    }
  }

  #disagree(copy: CopyName, object: string, problem: string): void {
    this.#disagreementCount += 1;
    if (this.#disagreements.length < MOST_NAMED) {
      this.#disagreements.push({ copy, object, problem });
    }
  }
}

function doomedVersion(copy: CopyName, { versionId, size }: CopyListing): DoomedVersion {
  return { copy, versionId, bytes: size };
}

function plus(count: SweepCount, bytes: number, versions = 1): SweepCount {
  return { versions: count.versions + versions, bytes: count.bytes + bytes };
}

/** @returns the same plan for a part of what is doomed. */
export function reducedPlan(plan: SweepPlan, doomed: readonly DoomedObject[]): SweepPlan {
  return { ...plan, ...doomedCounts(doomed) };
}

function doomedCounts(
  doomed: readonly DoomedObject[],
): Pick<SweepPlan, 'doomed' | 'removes' | 'total'> {
  const counts = new Map<SweepReason, SweepCount>();
  let total = NOTHING;
  for (const { reason, versions } of doomed) {
    for (const { bytes } of versions) {
      counts.set(reason, plus(counts.get(reason) ?? NOTHING, bytes));
      total = plus(total, bytes);
    }
  }
  const removes = SWEEP_REASONS.flatMap((reason) => {
    const count = counts.get(reason);
    return count === undefined ? [] : [[reason, count] as const];
  });
  return { doomed, removes: Object.fromEntries(removes), total };
}
