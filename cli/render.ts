import { countOf, grouped } from '../shared/domain/count-of.ts';

/**
 * Characters that terminals show two columns wide: CJK, Hangul and full-width forms (Unicode, East
 * Asian Width W and F, without rare blocks).
 */
const WIDE = new RegExp(
  [
    String.raw`[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f]`,
    String.raw`[\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]`,
  ].join('|'),
  'u',
);

/** Joins lines to what is printed; each ends with a line feed. */
export function lines(...parts: readonly string[]): string {
  return parts.map((line) => `${line}\n`).join('');
}

/** Columns that text is broken at: what a terminal has that nobody made wider. */
const COLUMNS = 80;

/** @returns each text in lines that a terminal shows whole; a list's item (`- `) is indented. */
export function paragraphs(...texts: readonly string[]): string {
  return lines(...texts.flatMap(broken));
}

function broken(text: string): string[] {
  const indent = text.startsWith('- ') ? '  ' : '';
  const [first = '', ...words] = printable(text).split(' ');
  const done: string[] = [];
  let line = first;
  for (const word of words) {
    const longer = `${line} ${word}`;
    if (width(longer) > COLUMNS) {
      done.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...done, line];
}

/** A number, a sum of money or a size; `-` for none. */
const NUMBER = /^(?:[\d,]+(?:\.\d+)?(?: (?:B|[KMGTP]iB))?|-)$/;

/**
 * @returns an aligned table with a header, or `none` when there is no row. Columns of numbers end
 * at the same place. Control characters in cells are shown as `?`: a client's name must not steer
 * the terminal.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): string {
  if (rows.length === 0) {
    return lines(none);
  }
  const all = [header, ...rows].map((row) => row.map(printable));
  const columns = header.map((_, column) => ({
    widest: Math.max(...all.map((row) => width(row[column] ?? ''))),
    isNumeric: rows.every((row) => NUMBER.test(row[column] ?? '')),
  }));
  return lines(
    ...all.map((row) =>
      columns
        .map(({ widest, isNumeric }, column) => pad(row[column] ?? '', widest, isNumeric))
        .join('  ')
        .trimEnd(),
    ),
  );
}

/** @returns one `name  value` line per entry, values aligned. */
export function facts(entries: readonly (readonly [name: string, value: string])[]): string {
  const widest = Math.max(...entries.map(([name]) => width(name)));
  return lines(
    ...entries.map(([name, value]) => `${pad(name, widest)}  ${printable(value)}`.trimEnd()),
  );
}

/** @returns an instant to the second: `2026-11-23T06:18:30Z`; `-` for none. */
export function instant(iso: string | null): string {
  return iso === null ? '-' : `${new Date(iso).toISOString().slice(0, 19)}Z`;
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** @returns a size such as `512 B` or `1.5 MiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) {
    return `${bytes} B`;
  }
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length);
  return `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power - 1]}`;
}

/** @returns `1 record`, `12,345 records`. */
export function count(number: number, noun: string): string {
  return countOf(number, noun);
}

/** @returns a number for a cell of a table: `12,345`. */
export function number(value: number): string {
  return grouped(value);
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}

function pad(text: string, columns: number, atStart = false): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)));
  return atStart ? space + text : text + space;
}

function width(text: string): number {
  return [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
}
