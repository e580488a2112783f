import type { BackupRun, Pack, RunProgress, StoredObject } from '../domain/records.ts';
import type { Change, Ledger, Stored } from '../ports/ledger.ts';
import type { UnseenObject } from './dual-upload.ts';

/** A run with a beginning that the next attempt can go on from. */
export type LoggedRun = BackupRun & { readonly progress: RunProgress };

/** Version of a pack's record once it is announced. */
const ANNOUNCED_VERSION = 1;

/**
 * Keeps in the ledger how far a run is. Every object is announced before it can be seen in a copy
 * and confirmed afterwards; so whatever cuts a run off, its next attempt knows which objects there
 * may be, and finds them by their SHA-256.
 *
 * Each write names the run's version, so that an attempt that was overtaken by the next one of the
 * same run ends with `LEDGER_CONFLICT`.
 */
export class RunLog {
  readonly #ledger: Ledger;
  #run: LoggedRun;
  #version: number;

  constructor(ledger: Ledger, { record, version }: Stored<'run'> & { record: LoggedRun }) {
    this.#ledger = ledger;
    this.#run = record;
    this.#version = version;
  }

  get progress(): RunProgress {
    return this.#run.progress;
  }

  /** Announces a pack, the manifest part that lists what is in it, or both. */
  async announce(pack: Pack | undefined, part: UnseenObject | undefined): Promise<void> {
    const pending = part && { part: unwritten(part), packId: pack?.packId ?? null };
    await this.#write(
      pack === undefined ? [] : [{ record: pack, expect: 'absent' }],
      pending && { pending },
    );
  }

  /** Confirms what was announced. */
  async confirm(pack: Pack | undefined, part: StoredObject | undefined): Promise<void> {
    const { parts, nextPart } = this.progress;
    await this.#write(
      pack === undefined ? [] : [{ record: pack, expect: ANNOUNCED_VERSION }],
      part && { parts: [...parts, part], nextPart: nextPart + 1, pending: null },
    );
  }

  /** What was announced last is nowhere to be found: it was not written. */
  async forget(): Promise<void> {
    await this.#write([], { pending: null });
  }

  /** Announces the seal. */
  async announceSeal(seal: UnseenObject): Promise<void> {
    await this.#write([], { seal: unwritten(seal) });
  }

  async #write(changes: readonly Change[], progress?: Partial<RunProgress>): Promise<void> {
    if (progress === undefined) {
      await this.#ledger.write(changes);
      return;
    }
    const record = { ...this.#run, progress: { ...this.progress, ...progress } };
    await this.#ledger.write([...changes, { record, expect: this.#version }]);
    this.#run = record;
    this.#version += 1;
  }
}

/** @returns an object that lies in no copy, as far as is known. */
function unwritten(object: UnseenObject): StoredObject {
  return { ...object, versions: { primary: null, secondary: null } };
}
