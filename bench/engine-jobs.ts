/** Where a job's records come from or go to. */
export type Place =
  | { readonly kind: 'folder'; readonly path: string }
  /** A prefix of the plain bucket. */
  | { readonly kind: 's3'; readonly prefix: string }
  /** Records that a program makes up while it lists and reads: a source only. */
  | { readonly kind: 'synthetic'; readonly records: number; readonly bytesPerRecord: number };

/** What an engine process is told to do. */
export type EngineJob =
  | { readonly kind: 'backup'; readonly vaultId: string; readonly source: Place }
  | {
      readonly kind: 'restore';
      readonly vaultId: string;
      readonly snapshotId: string;
      readonly target: Exclude<Place, { kind: 'synthetic' }>;
      readonly patterns: readonly string[];
    }
  /** Lists a source so many times, and nothing else. */
  | {
      readonly kind: 'list';
      readonly source: Exclude<Place, { kind: 'synthetic' }>;
      readonly times: number;
    };

/** Jobs from and to a folder are the command's, all others those of functions. */
export function isOfCli(job: EngineJob): boolean {
  return (
    (job.kind === 'backup' && job.source.kind === 'folder') ||
    (job.kind === 'restore' && job.target.kind === 'folder')
  );
}

/** What an engine process answers. */
export interface EngineAnswer {
  /** Most memory the process held, in MiB. */
  readonly peakMiB: number;
  /** Seconds of the job itself, without the start of the process. */
  readonly jobWall: number;
  readonly jobCpu: number;
  readonly snapshotId?: string;
  /** Records and bytes backed up, restored or listed. */
  readonly records: number;
  readonly bytes: number;
  /** Of a backup: how much of it was read from the source. */
  readonly readRecords?: number;
  /** Objects opened in the copies: seals, manifests and packs. */
  readonly reads?: Readonly<Record<string, number>>;
}

/** What a job did. */
export type Work = Omit<EngineAnswer, 'peakMiB' | 'jobWall' | 'jobCpu'>;
