import { expect, test } from 'vitest';
import { blankOut } from './blank-out.ts';
import { codeFiles, readProjectFile } from './project-files.ts';
import { readImports } from './read-imports.ts';

/** Folders whose files must be used by something. Tests and scripts are started by name. */
const USED_FOLDERS = /^(?:shared|functions|local|infra|cli)\//;

/**
 * Started by package.json, by the CDK (cdk.json) or, in `functions/`, by AWS; or what keeps a
 * reference under `docs/` up to date, which a test runs.
 */
const ENTRY_POINTS =
  /^(?:cli\/main|cli\/demo\/main|local\/main|infra\/app|functions\/[\w-]+|.*write-reference)\.ts$/;

const sources = new Map(codeFiles().map((path) => [path, readProjectFile(path)]));
const production = [...sources.keys()].filter((path) => USED_FOLDERS.test(path));

test('every file is an entry point or imported by one that is not a test', () => {
  const imported = new Set<string>();
  for (const [path, source] of sources) {
    if (path.startsWith('test/')) continue;
    for (const { target } of readImports(path, source)) imported.add(target);
  }
  const dead = production.filter((path) => !ENTRY_POINTS.test(path) && !imported.has(path));
  expect(dead).toEqual([]);
});

test('every exported value is used by another file', () => {
  const codes = new Map(
    [...sources].map(([path, source]) => [
      path,
      blankOut(source, { comments: true, strings: true }),
    ]),
  );
  const wordUsers = new Map<string, Set<string>>();
  for (const [path, code] of codes) {
    for (const word of new Set(code.match(/[A-Za-z_$][\w$]*/g))) {
      wordUsers.set(word, (wordUsers.get(word) ?? new Set()).add(path));
    }
  }
  const exported = /^export (?:async )?(?:const|function\*?|class) ([\w$]+)/gm;
  const unused = production
    .filter((path) => !ENTRY_POINTS.test(path))
    .flatMap((path) =>
      [...(codes.get(path) ?? '').matchAll(exported)]
        .map(([, name = '']) => name)
        // An error class is exported for callers to tell it apart, also when none does yet.
        .filter((name) => !name.endsWith('Error') && (wordUsers.get(name)?.size ?? 0) < 2)
        .map((name) => `${path} exports ${name}, which no other file names`),
    );
  expect(unused).toEqual([]);
});
