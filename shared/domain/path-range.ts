import { compareUtf8 } from './utf8-order.ts';

/** Paths behind `after`, up to and with `upTo`, in UTF-8 order; `null` where it has no end. */
export interface PathRange {
  readonly after: string | null;
  readonly upTo: string | null;
}

export const ALL_PATHS: PathRange = { after: null, upTo: null };

/** @returns whether a path is behind the beginning of a range. */
export function isBehindStart({ after }: Pick<PathRange, 'after'>, path: string): boolean {
  return after === null || compareUtf8(path, after) > 0;
}

/** @returns whether a path is behind the end of a range. */
export function isBehindEnd({ upTo }: Pick<PathRange, 'upTo'>, path: string): boolean {
  return upTo !== null && compareUtf8(path, upTo) > 0;
}
