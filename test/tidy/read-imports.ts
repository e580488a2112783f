import { posix } from 'node:path';
import { blankOut } from './blank-out.ts';

/**
 * How a file refers to another: `value` imports exist at run time, `type` ones (`import type`,
 * `export type … from`) do not, `place` is `new URL('./worker.ts', import.meta.url)`, which hands
 * the file to a worker or a process without importing it.
 */
export type ImportKind = 'value' | 'type' | 'place';

export interface Import {
  /** A path of this repository when relative, the bare specifier otherwise. */
  readonly target: string;
  readonly relative: boolean;
  readonly kind: ImportKind;
}

const STATEMENT =
  /^[ \t]*(?:import|export)\s+(type\s+(?!from\b))?(?:[\w$*{}\s,]+?\s+from\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*()['"]([^'"]+)['"]\s*\)/g;
const PLACE = /\bnew URL\(\s*()['"](\.[^'"]+)['"]/g;

/** @returns everything the file at `path` refers to, in no particular order. */
export function readImports(path: string, source: string): Import[] {
  const text = blankOut(source, { comments: true, strings: false });
  const code = blankOut(source, { comments: true, strings: true });
  const find = (pattern: RegExp, kind: ImportKind): Import[] =>
    [...text.matchAll(pattern)]
      // What looks like an import inside a string is blank in `code`.
      .filter((match) => code.slice(match.index, match.index + match[0].length).trim() !== '')
      .map(([, type = '', specifier = '']) => toImport(path, specifier, type ? 'type' : kind));
  return [...find(STATEMENT, 'value'), ...find(DYNAMIC, 'value'), ...find(PLACE, 'place')];
}

function toImport(path: string, specifier: string, kind: ImportKind): Import {
  if (!specifier.startsWith('.')) return { target: specifier, relative: false, kind };
  return { target: posix.join(posix.dirname(path), specifier), relative: true, kind };
}
