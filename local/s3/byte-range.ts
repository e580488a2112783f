import { LocalAwsError } from '../gateway/service.ts';

/** Offsets of the first and the last byte. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header. S3 serves one range; several, or another unit, are ignored and the whole
 * object is served.
 * @returns `undefined` for the whole object
 * @throws LocalAwsError `InvalidRange` (416) when no byte of the object is asked for
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) {
    return undefined;
  }
  if (first !== '' && last !== '' && Number(last) < Number(first)) {
    return undefined;
  }
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || (first === '' && Number(last) === 0)) {
    throw invalidRange(header ?? '', size);
  }
  return { start, end };
}

function invalidRange(requested: string, size: number): LocalAwsError {
  return new LocalAwsError('InvalidRange', 416, 'The requested range is not satisfiable', {
    RangeRequested: requested,
    ActualObjectSize: String(size),
  });
}

/**
 * Reads `x-amz-copy-source-range`, which must be exact.
 * @throws LocalAwsError `InvalidArgument` or `InvalidRange`
 */
export function parseCopyRange(header: string, size: number): ByteRange {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const start = Number(first);
  const end = Number(last);
  if (first === undefined || last === undefined || end < start) {
    throw new LocalAwsError(
      'InvalidArgument',
      400,
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  }
  if (end >= size) {
    throw new LocalAwsError(
      'InvalidArgument',
      400,
      `Range specified is not valid for source object of size: ${size}`,
    );
  }
  return { start, end };
}
