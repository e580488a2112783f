import type { BackupRun } from '../domain/records.ts';
import type { RunProgress } from '../domain/run-records.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';
import type { UnseenObject } from './dual-upload.ts';
import { unwritten } from './manifest-series.ts';

/** A run with a beginning that the next attempt can go on from. */
export type LoggedRun = BackupRun & { readonly progress: RunProgress };

/**
 * Keeps a run's record. Each write names the run's version, so that an attempt that was overtaken
 * by the next one of the same run ends with `LEDGER_CONFLICT`.
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

  /** Announces the seal. */
  async announceSeal(object: UnseenObject): Promise<void> {
    const progress = { ...this.progress, seal: unwritten(object) };
    const record = { ...this.#run, progress };
    await this.#ledger.write([{ record, expect: this.#version }]);
    this.#run = record;
    this.#version += 1;
  }
}
