import type {
  ComparisonStart,
  DueVaults,
  PassName,
  Pipeline,
  SweepStart,
} from '../../shared/ports/pipeline.ts';

/** What a test wires to the pipeline's starts: usually the use case the function would run. */
export interface PipelineWork {
  readonly backup?: (vaultId: string, runId: string) => Promise<void>;
  readonly restore?: (vaultId: string, restoreId: string) => Promise<void>;
  readonly verification?: (vaultId: string, verificationId: string) => Promise<void>;
  readonly sweep?: (what: SweepStart) => Promise<void>;
  readonly confirmErasures?: (which: DueVaults) => Promise<void>;
  readonly certifyErasures?: (which: DueVaults) => Promise<void>;
  readonly pass?: (pass: PassName, after: string) => Promise<void>;
  readonly comparison?: (from: ComparisonStart) => Promise<void>;
  readonly holds?: (vaultId: string) => Promise<void>;
  readonly moves?: () => Promise<void>;
  readonly advanceErasure?: (vaultId: string) => Promise<void>;
  readonly restoreKeys?: (vaultId: string) => Promise<void>;
  readonly restoreKeyPolicies?: (vaultId: string) => Promise<void>;
}

/**
 * Records what was started. Wired work runs at once and is awaited, so that a test sees its result;
 * a failure of a backup, a restore or a verification stays inside, as it does behind a state
 * machine.
 */
export class MemoryPipeline implements Pipeline {
  readonly backups: { readonly vaultId: string; readonly runId: string }[] = [];
  readonly restores: { readonly vaultId: string; readonly restoreId: string }[] = [];
  readonly verifications: { readonly vaultId: string; readonly verificationId: string }[] = [];
  readonly passes: { readonly pass: PassName; readonly after: string }[] = [];
  readonly comparisons: ComparisonStart[] = [];
  readonly sweeps: SweepStart[] = [];
  readonly holds: string[] = [];
  readonly advances: string[] = [];
  /** How often moves were started. */
  moves = 0;
  readonly confirmations: DueVaults[] = [];
  readonly certifications: DueVaults[] = [];
  /** Errors of wired backups and restores. */
  readonly failures: unknown[] = [];
  #work: PipelineWork = {};

  wire(work: PipelineWork): void {
    this.#work = { ...this.#work, ...work };
  }

  async startBackup(vaultId: string, runId: string): Promise<void> {
    if (this.backups.some((backup) => backup.runId === runId)) {
      return;
    }
    this.backups.push({ vaultId, runId });
    await this.#run(this.#work.backup?.(vaultId, runId));
  }

  async startRestore(vaultId: string, restoreId: string): Promise<void> {
    this.restores.push({ vaultId, restoreId });
    await this.#run(this.#work.restore?.(vaultId, restoreId));
  }

  async startVerification(vaultId: string, verificationId: string): Promise<void> {
    this.verifications.push({ vaultId, verificationId });
    await this.#run(this.#work.verification?.(vaultId, verificationId));
  }

  async continuePass(pass: PassName, after: string): Promise<void> {
    this.passes.push({ pass, after });
    await this.#run(this.#work.pass?.(pass, after));
  }

  async compareTombstones(from: ComparisonStart): Promise<void> {
    this.comparisons.push(from);
    await this.#run(this.#work.comparison?.(from));
  }

  async startSweep(what: SweepStart): Promise<void> {
    this.sweeps.push(what);
    await this.#run(this.#work.sweep?.(what));
  }

  async applyHolds(vaultId: string): Promise<void> {
    this.holds.push(vaultId);
    await this.#run(this.#work.holds?.(vaultId));
  }

  async startMoves(): Promise<void> {
    this.moves += 1;
    await this.#run(this.#work.moves?.());
  }

  async advanceErasure(vaultId: string): Promise<void> {
    this.advances.push(vaultId);
    await this.#work.advanceErasure?.(vaultId);
  }

  async confirmErasures(which: DueVaults): Promise<void> {
    this.confirmations.push(which);
    await this.#run(this.#work.confirmErasures?.(which));
  }

  async certifyErasures(which: DueVaults): Promise<void> {
    this.certifications.push(which);
    await this.#run(this.#work.certifyErasures?.(which));
  }

  async restoreKeys(vaultId: string): Promise<void> {
    await this.#work.restoreKeys?.(vaultId);
  }

  async restoreKeyPolicies(vaultId: string): Promise<void> {
    await this.#work.restoreKeyPolicies?.(vaultId);
  }

  async #run(work: Promise<void> | undefined): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.failures.push(error);
    }
  }
}
