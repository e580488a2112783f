import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 count the memory of buffers into the same limit as its heap. By default it starts a full
 * collection for every 64 MiB of buffers (V8 13.6, `kExternalAllocationSoftLimit`), which a stream
 * of records makes all the time: a third to a half of the CPU of a backup went there
 * (docs/performance.md). It costs 100 to 150 MiB more memory at most.
 *
 * Nor does it mark step by step between collections: that shortens the pauses of a user interface,
 * for a tenth of the CPU of a restore, in threads of its own.
 *
 * To be called before anything else, and not where memory is short.
 */
export function collectLazily(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--no-incremental-marking');
}
