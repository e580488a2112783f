import type { FunctionSize } from './function-plans.ts';

/**
 * MiB of each half of V8's space for new objects. By default it grows to 5 % of the function's
 * memory in Lambda, and memory with it: a backup needed 370 MiB where it needs 200 now, for the
 * same CPU (docs/performance.md).
 */
const SEMI_SPACE_MIB = 8;

/** Share of a function's memory for V8's other objects: buffers, code and zstd take the rest. */
const OLD_SPACE_SHARE = 0.6;

/**
 * @returns `NODE_OPTIONS` of a function. Lambda's own start of Node sets both limits by the
 * function's memory, unless this variable names one of them.
 */
export function nodeOptions({ memoryMiB }: Pick<FunctionSize, 'memoryMiB'>): string {
  const oldSpaceMiB = Math.floor(memoryMiB * OLD_SPACE_SHARE);
  return `--max-semi-space-size=${SEMI_SPACE_MIB} --max-old-space-size=${oldSpaceMiB}`;
}
