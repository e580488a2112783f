import type { StoredObject } from '../domain/records.ts';
import type { ManifestLine } from '../format/manifest-record.ts';
import { ManifestWriter } from '../format/manifest-writer.ts';
import { manifestKey } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { type BeforeSeen, uploadToBoth } from './dual-upload.ts';
import type { PackOwner } from './pack-series.ts';
import type { RunLog } from './run-log.ts';
import type { ManifestSink } from './write-records.ts';

/**
 * Writes the manifest of a run in parts (format.md 4.6). A part begins with its first line, under
 * the number that the log gives it, and ends with `close`.
 */
export class ManifestSeries implements ManifestSink {
  readonly #services: Pick<Services, 'copies' | 'custody'>;
  readonly #owner: PackOwner;
  readonly #log: RunLog;
  #open: ManifestWriter<StoredObject> | undefined;
  #beforeSeen: BeforeSeen | undefined;

  constructor(services: Pick<Services, 'copies' | 'custody'>, owner: PackOwner, log: RunLog) {
    this.#services = services;
    this.#owner = owner;
    this.#log = log;
  }

  async write(line: ManifestLine): Promise<void> {
    this.#open ??= this.#begin();
    await this.#open.write(line);
  }

  /**
   * Ends the part that was begun.
   * @param beforeSeen - called before it can be seen.
   * @returns `undefined` when none was begun.
   */
  async close(beforeSeen: BeforeSeen): Promise<StoredObject | undefined> {
    this.#beforeSeen = beforeSeen;
    const part = await this.#open?.finish();
    this.#open = undefined;
    return part;
  }

  /** Ends the manifest. @returns all parts of the run, also those of its earlier attempts. */
  async finish(): Promise<readonly StoredObject[]> {
    if (this.#log.progress.parts.length === 0) {
      // A snapshot without a record has a part without a line.
      this.#open ??= this.#begin();
    }
    const part = await this.close((unseen) => this.#log.announce(undefined, unseen));
    if (part !== undefined) {
      await this.#log.confirm(undefined, part);
    }
    return this.#log.progress.parts;
  }

  async abandon(): Promise<void> {
    await this.#open?.abandon();
    this.#open = undefined;
  }

  #begin(): ManifestWriter<StoredObject> {
    const { vaultId, snapshotId, keys, lockedUntil } = this.#owner;
    const { copies, custody } = this.#services;
    const number = this.#log.progress.nextPart;
    const identity = { vaultId, snapshotId, object: `manifest/${number}` } as const;
    const key = manifestKey(vaultId, snapshotId, number);
    const write = { lockedUntil, contentType: 'application/octet-stream' };
    return new ManifestWriter(custody.wrapping(keys), identity, (message) =>
      uploadToBoth(copies, key, write, message, async (unseen) => this.#beforeSeen?.(unseen)),
    );
  }
}
