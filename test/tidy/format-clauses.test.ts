import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const SELF = 'format-clauses.test.ts';

/** `format.md 3.2`, also in lists: `format.md 1.1, 1.3`. */
const CITATION = /format\.md ((?:\d\.\d(?:, | and )?)+)/g;

function clauses(): string[] {
  const text = readFileSync(join(ROOT, 'docs/format.md'), 'utf8');
  return [...text.matchAll(/^\*\*(\d\.\d)\*\*/gm)].map((match) => match[1] ?? '');
}

/** @returns every clause cited in TypeScript below a folder, with the files that cite it. */
function citations(folder: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith(SELF)) {
      continue;
    }
    const text = readFileSync(join(ROOT, folder, name), 'utf8').replaceAll(/\n\s*(\*|\/\/)?/g, ' ');
    for (const [, list] of text.matchAll(CITATION)) {
      for (const clause of list?.match(/\d\.\d/g) ?? []) {
        found.set(clause, [...(found.get(clause) ?? []), name]);
      }
    }
  }
  return found;
}

describe('docs/format.md', () => {
  test('has numbered clauses, ascending, each once', () => {
    expect(clauses().length).toBeGreaterThan(20);
    expect(clauses()).toEqual([...new Set(clauses())].sort());
  });

  test.each(['shared', 'test'])('every clause is cited below %s/', (folder) => {
    const cited = citations(folder);
    expect(clauses().filter((clause) => !cited.has(clause))).toEqual([]);
  });

  test.each(['shared', 'test'])('every clause cited below %s/ exists', (folder) => {
    const known = clauses();
    expect([...citations(folder)].filter(([clause]) => !known.includes(clause))).toEqual([]);
  });
});
