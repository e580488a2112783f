import { TAR_BLOCK } from './tar-header.ts';

/** What a header of a tar archive says. */
export interface TarHeader {
  readonly name: string;
  /** Bytes that follow, without padding. */
  readonly size: number;
  /** POSIX type flag: `0` a file, `x` a PAX header of the next entry. */
  readonly type: string;
}

/** Where a header holds its checksum, which is summed up as eight spaces. */
const SUM_START = 148;
const SUM_END = 156;
const SPACE = 0x20;

/** Octal digits, ended by space or NUL. */
const OCTAL = /^ *([0-7]+)[ \0]*$/;

/**
 * Reads a header of a POSIX tar archive (ustar).
 * @returns `undefined` for anything else.
 */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  const sum = octalAt(block, SUM_START, SUM_END);
  const size = octalAt(block, 124, 136);
  if (size === undefined || sum === undefined || sum !== sumOf(block)) {
    return undefined;
  }
  const name = textAt(block, 0, 100);
  // Only ustar has a prefix; the older format has nothing there.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textAt(block, 345, 500) : '';
  // NUL is how the older format says 0.
  const type = block[156] === 0 ? '0' : block.toString('latin1', 156, 157);
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type };
}

/** @returns whether a block is one of those that end an archive. */
export function isEmptyBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/**
 * Reads a PAX header: lines that begin with their own length and have a name and a value.
 * @returns `undefined` when it is none.
 */
export function parsePax(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (let start = 0; start < bytes.length; ) {
    const space = bytes.indexOf(SPACE, start);
    const length = Number(bytes.toString('latin1', start, space));
    const line = bytes.toString('utf8', space + 1, start + length);
    const equals = line.indexOf('=');
    if (space < 0 || !(length > 0) || equals < 1 || !line.endsWith('\n')) {
      return undefined;
    }
    found.set(line.slice(0, equals), line.slice(equals + 1, -1));
    start += length;
  }
  return found;
}

function textAt(block: Buffer, start: number, end: number): string {
  const nul = block.indexOf(0, start);
  return block.toString('utf8', start, nul < 0 || nul > end ? end : nul);
}

function octalAt(block: Buffer, start: number, end: number): number | undefined {
  const digits = OCTAL.exec(block.toString('latin1', start, end))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

function sumOf(block: Buffer): number {
  let sum = (SUM_END - SUM_START) * SPACE;
  for (let index = 0; index < TAR_BLOCK; index += 1) {
    sum += index >= SUM_START && index < SUM_END ? 0 : (block[index] as number);
  }
  return sum;
}
