import { readdirSync } from 'node:fs';
import { compareUtf8 } from '../domain/utf8-order.ts';

/** Beyond it, UTF-16 order is not UTF-8 order. */
const SURROGATE = /[\ud800-\udfff]/;

/** What a byte sequence that is not UTF-8 is read as. It can also be in a name truly. */
const REPLACEMENT = '\ufffd';

const FIRST_NON_ASCII = 0x80;

/** The names in a folder, in order. */
export interface ListedNames {
  readonly names: readonly string[];
  readonly broken: readonly string[];
}

/**
 * Lists a folder in the order in which a sorted list of all paths has what is in it: by the UTF-8
 * bytes of the names, folders with the `/` that follows in their paths. `a.txt` thus comes before
 * the folder `a`, and that before `a0`.
 *
 * @returns `names`, those of folders with a `/` at their end. Of these, `broken` stand for names
 * that are not valid UTF-8: bytes that are not are shown as `\xff`.
 * @throws the file system's own errors.
 */
export function listNames(folder: string): ListedNames {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  const sorted = names.some((name) => SURROGATE.test(name))
    ? names.sort(compareUtf8)
    : names.sort();
  return sorted.some((name) => name.includes(REPLACEMENT) || !name.isWellFormed())
    ? withBroken(folder, sorted)
    : { names: sorted, broken: [] };
}

/** Reads the folder anew, byte by byte: two different names may be read as the same text. */
function withBroken(folder: string, names: readonly string[]): ListedNames {
  const raws = readdirSync(folder, { encoding: 'buffer' });
  const isWhole = (raw: Buffer) => Buffer.from(raw.toString('utf8')).equals(raw);
  const present = new Set(raws.filter(isWhole).map((raw) => raw.toString('utf8')));
  const whole = new Set(names.filter((name) => present.has(name.replace(/\/$/, ''))));
  const broken = raws.filter((raw) => !isWhole(raw)).map(shown);
  return { names: [...new Set([...whole, ...broken])].sort(compareUtf8), broken };
}

function shown(raw: Buffer): string {
  return [...raw]
    .map((byte) => (byte < FIRST_NON_ASCII ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`))
    .join('');
}
