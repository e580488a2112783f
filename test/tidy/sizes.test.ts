import { describe, expect, test } from 'vitest';
import { codeFiles, projectFiles, readProjectFile, sizeOf } from './project-files.ts';

/** The length of functions is the linter's business: see `noExcessiveLinesPerFunction`. */
const MAX_COLUMNS = 100;
const MAX_LINES = 400;
const MAX_BYTES = 300_000;

/** Files that may be longer than `MAX_LINES`, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {};

/** Written by tools (the references by the project's own), or copied word for word. */
const FOREIGN = /^(?:package-lock\.json|LICENSE|docs\/(?:cli|admin-api)\.md|test\/vectors\/.*)$/;
const TEXT = /\.(?:ts|mjs|md|json|ya?ml|txt)$|^\.ci\/run$/;

const lines = (path: string): string[] => readProjectFile(path).split('\n');

/** A line that is one text: kept whole, so that the message can be searched for. */
const ONE_TEXT = /^\s*(?:[\w$'"]+:\s*|(?:return|throw) )?(['"`]).*\1[,;)]*$/;

/** Tables cannot be wrapped, and a URL is copied whole. */
function mayBeWide(path: string, line: string): boolean {
  if (/https?:\/\//.test(line)) return true;
  return path.endsWith('.md') ? line.trimStart().startsWith('|') : ONE_TEXT.test(line);
}

/** Counts code points: a CJK character is one. */
const columns = (line: string): number => [...line].length;

describe('sizes', () => {
  test(`no line is wider than ${MAX_COLUMNS} columns`, () => {
    const wide = projectFiles()
      .filter((path) => TEXT.test(path) && !FOREIGN.test(path))
      .flatMap((path) =>
        lines(path).flatMap((line, index) =>
          columns(line) > MAX_COLUMNS && !mayBeWide(path, line)
            ? [`${path}:${index + 1} has ${columns(line)} columns`]
            : [],
        ),
      );
    expect(wide).toEqual([]);
  });

  test(`no file of code is longer than ${MAX_LINES} lines, but for named exceptions`, () => {
    const long = codeFiles()
      .map((path) => ({ path, count: lines(path).length - 1 }))
      .filter(({ path, count }) => count > MAX_LINES && !(path in LONG_FILES));
    expect(long.map(({ path, count }) => `${path} has ${count} lines`)).toEqual([]);
  });

  test('every exception is still needed', () => {
    const needed = codeFiles().filter((path) => lines(path).length - 1 > MAX_LINES);
    expect(Object.keys(LONG_FILES).filter((path) => !needed.includes(path))).toEqual([]);
  });

  test(`no file is larger than ${MAX_BYTES / 1000} kB`, () => {
    const large = projectFiles().filter((path) => sizeOf(path) > MAX_BYTES);
    expect(large).toEqual([]);
  });
});
