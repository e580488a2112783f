/** tar counts in blocks of this many bytes. */
export const TAR_BLOCK = 512;

/** The end of an archive: two empty blocks. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK);

/** Largest size and time that the 11 octal digits of a plain header hold. */
const MAX_OCTAL = 0o77777777777;
/** Largest time that readers which count in signed 32 bits take from a plain header. */
const MAX_HEADER_SECONDS = 2 ** 31 - 1;
/** Bytes of a name that a plain header holds. */
const MAX_NAME_BYTES = 100;
/** What the header behind a PAX header is called: its real name stands in the PAX header. */
const PAX_NAME = 'PaxHeader';
const MODE = 0o644;

/** A regular file in a tar archive. */
export interface TarFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly modified: Date;
}

/**
 * @returns the blocks that stand before a file's bytes: one header, and before it a PAX header when
 * name, size or time do not fit into the plain one (format.md 3.1, 3.4).
 * @param block - one block that the header may be written into. Default: memory of its own.
 */
export function tarHeader(
  { name, size, modified }: TarFile,
  block = Buffer.allocUnsafe(TAR_BLOCK),
): Buffer {
  const seconds = Math.floor(modified.getTime() / 1000);
  const headerSeconds = Math.min(Math.max(seconds, 0), MAX_HEADER_SECONDS);
  const pax: string[] = [];
  if (!fitsHeader(name)) {
    pax.push(paxLine('path', name));
  }
  if (size > MAX_OCTAL) {
    pax.push(paxLine('size', String(size)));
  }
  if (seconds !== headerSeconds) {
    pax.push(paxLine('mtime', String(seconds)));
  }
  const headerSize = Math.min(size, MAX_OCTAL);
  if (pax.length === 0) {
    return plainHeader(name, headerSize, headerSeconds, '0', block);
  }
  const lines = Buffer.from(pax.join(''));
  const headerName = fitsHeader(name) ? name : PAX_NAME;
  return Buffer.concat([
    plainHeader(PAX_NAME, lines.length, headerSeconds, 'x'),
    lines,
    TAR_END.subarray(0, paddingOf(lines.length)),
    plainHeader(headerName, headerSize, headerSeconds, '0'),
  ]);
}

/** @returns bytes from the end of a file's content to the next block. */
export function paddingOf(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** Plain headers do not say how names are encoded: anything but ASCII goes into PAX, as UTF-8. */
function fitsHeader(name: string): boolean {
  if (name.length > MAX_NAME_BYTES) {
    return false;
  }
  for (let index = 0; index < name.length; index += 1) {
    if (name.charCodeAt(index) > 0x7f) {
      return false;
    }
  }
  return true;
}

/** A line begins with its own length, the digits of that length included. */
function paxLine(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const digits = String(bytes + String(bytes).length).length;
  return `${bytes + digits}${rest}`;
}

/** POSIX.1-1988 ustar, fields at their offsets. Owner, group and devices are 0. */
const TEMPLATE = Buffer.alloc(TAR_BLOCK);
TEMPLATE.write(`${octal(MODE, 6)} \0${octal(0, 6)} \0${octal(0, 6)} \0`, 100, 'latin1');
// The checksum counts as spaces while it is computed.
TEMPLATE.write('        ', 148, 'latin1');
TEMPLATE.write('ustar\u000000', 257, 'latin1');
TEMPLATE.write(`${octal(0, 6)} \0${octal(0, 6)} \0`, 329, 'latin1');
const TEMPLATE_SUM = sumOf(TEMPLATE, 0, TAR_BLOCK);

const SIZE_OFFSET = 124;
const TYPE_OFFSET = 156;

function plainHeader(
  name: string,
  size: number,
  seconds: number,
  type: '0' | 'x',
  header = Buffer.allocUnsafe(TAR_BLOCK),
): Buffer {
  TEMPLATE.copy(header);
  header.write(name, 0, 'latin1');
  const numbers = `${octal(size, 11)} ${octal(seconds, 11)} `;
  header.write(numbers, SIZE_OFFSET, 'latin1');
  header[TYPE_OFFSET] = type.charCodeAt(0);
  const sum =
    TEMPLATE_SUM +
    sumOf(header, 0, name.length) +
    sumOf(header, SIZE_OFFSET, SIZE_OFFSET + numbers.length) +
    type.charCodeAt(0);
  header.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return header;
}

function sumOf(bytes: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let index = start; index < end; index += 1) {
    sum += bytes[index] as number;
  }
  return sum;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
