import type { StoredObject } from '../domain/records.ts';
import type { ManifestPart } from '../domain/run-records.ts';
import type { ManifestLine } from '../format/manifest-record.ts';
import { ManifestWriter } from '../format/manifest-writer.ts';
import { manifestKey } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { type UnseenObject, uploadToBoth } from './dual-upload.ts';
import type { PackOwner } from './pack-series.ts';
import { RecordTally } from './record-tally.ts';

/**
 * Most lines of a part. The next run cuts its shards where parts begin, and a run that was cut off
 * reads its last part to find where it was: some 3 s for as many lines.
 */
const MOST_LINES = 250_000;

/**
 * Most packs that a part may name: their list lies with it in one ledger record, about 40 bytes
 * each, and DynamoDB takes 400 KB.
 */
const MOST_PACKS = 5_000;

/** Told of a part before it can be seen in a copy. */
type BeforeSeen = (part: ManifestPart) => Promise<void>;

interface OpenPart {
  readonly part: number;
  readonly writer: ManifestWriter<StoredObject>;
  readonly tally: RecordTally;
  beforeSeen: BeforeSeen;
}

/**
 * Writes the manifest of a shard in parts (format.md 4.6). A part begins with its first line and
 * ends with `close`.
 */
export class ManifestSeries {
  readonly #services: Pick<Services, 'copies' | 'custody'>;
  readonly #owner: PackOwner;
  readonly #nextPart: () => number;
  #open: OpenPart | undefined;

  /** @param nextPart - asked for the number of each part when it begins. */
  constructor(
    services: Pick<Services, 'copies' | 'custody'>,
    owner: PackOwner,
    nextPart: () => number,
  ) {
    this.#services = services;
    this.#owner = owner;
    this.#nextPart = nextPart;
  }

  /** Whether a part was begun. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Whether the part that was begun must be closed before its next line. */
  get isFull(): boolean {
    const tally = this.#open?.tally;
    return tally !== undefined && (tally.lineCount >= MOST_LINES || tally.packCount >= MOST_PACKS);
  }

  /**
   * @param wasRead - `false`: the record was carried forward.
   * @returns as `ManifestWriter.write` does.
   */
  write(line: ManifestLine, wasRead: boolean): Promise<void> | undefined {
    this.#open ??= this.#begin();
    this.#open.tally.add(line, wasRead);
    return this.#open.writer.write(line);
  }

  /** Ends a part; one without a line when none was begun. @returns it as it was written. */
  async close(beforeSeen: BeforeSeen): Promise<ManifestPart> {
    const open = this.#open ?? this.#begin();
    open.beforeSeen = beforeSeen;
    const stored = await open.writer.finish();
    this.#open = undefined;
    return this.#recordOf(open, stored);
  }

  async abandon(): Promise<void> {
    await this.#open?.writer.abandon();
    this.#open = undefined;
  }

  #begin(): OpenPart {
    const { vaultId, snapshotId, keys, lockedUntil } = this.#owner;
    const { copies, custody } = this.#services;
    const part = this.#nextPart();
    const identity = { vaultId, snapshotId, object: `manifest/${part}` } as const;
    const key = manifestKey(vaultId, snapshotId, part);
    const write = { lockedUntil, contentType: 'application/octet-stream' };
    const writer = new ManifestWriter(custody.wrapping(keys), identity, (message) =>
      uploadToBoth(copies, key, write, message, (unseen) =>
        open.beforeSeen(this.#recordOf(open, unwritten(unseen))),
      ),
    );
    const open: OpenPart = { part, writer, tally: new RecordTally(), beforeSeen: async () => {} };
    this.#open = open;
    return open;
  }

  #recordOf({ part, tally }: OpenPart, stored: StoredObject): ManifestPart {
    const { vaultId, snapshotId, runId } = this.#owner;
    const names = { kind: 'manifest-part', vaultId, snapshotId, runId, part } as const;
    return { ...names, ...stored, content: tally.content() };
  }
}

/** @returns an object that lies in no copy, as far as is known. */
export function unwritten(object: UnseenObject): StoredObject {
  return { ...object, versions: { primary: null, secondary: null } };
}
