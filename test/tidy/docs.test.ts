import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, type LocalLink, localLinks } from './markdown.ts';
import { projectFiles, ROOT, readProjectFile } from './project-files.ts';

const README_LINES = 120;

const documents = projectFiles().filter((path) => path.endsWith('.md'));

function linkProblem(document: string, link: LocalLink): string | undefined {
  const target = link.path === '' ? document : posix.join(posix.dirname(document), link.path);
  const at = `${document}:${link.line}`;
  if (!existsSync(join(ROOT, target))) return `${at} links to ${target}, which does not exist`;
  if (link.anchor === undefined || statSync(join(ROOT, target)).isDirectory()) return undefined;
  if (anchorsOf(readProjectFile(target)).has(link.anchor)) return undefined;
  return `${at} links to #${link.anchor}, which is no heading of ${target}`;
}

describe('documents', () => {
  test('every link into the repository leads somewhere', () => {
    const problems = documents.flatMap((path) =>
      localLinks(readProjectFile(path)).flatMap((link) => linkProblem(path, link) ?? []),
    );
    expect(problems).toEqual([]);
  });

  test('every npm command they name exists', () => {
    const { scripts } = JSON.parse(readProjectFile('package.json')) as {
      scripts: Record<string, string>;
    };
    const unknown = documents.flatMap((path) =>
      [...readProjectFile(path).matchAll(/\bnpm run (?:-s |--silent )?([\w:-]+)/g)]
        .map(([, name = '']) => name)
        .filter((name) => scripts[name] === undefined)
        .map((name) => `${path} names npm run ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  test(`the README has at most ${README_LINES} lines`, () => {
    expect(readProjectFile('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(
      README_LINES,
    );
  });
});

describe('reading Markdown', () => {
  test('links in code and to other sites are none', () => {
    const text = 'See [a](docs/a.md#two), `[b](b.md)`, [c](https://example.com).\n\n[d]: e.md\n';
    expect(localLinks(text)).toEqual([
      { path: 'docs/a.md', anchor: 'two', line: 1 },
      { path: 'e.md', anchor: undefined, line: 3 },
    ]);
  });

  test('headings become anchors as GitHub makes them', () => {
    const text =
      '# One: `two`, three\n## Again\n```\n# no heading\n```\n## Again\n### 4.1 保留期\n';
    expect([...anchorsOf(text)]).toEqual(['one-two-three', 'again', 'again-1', '41-保留期']);
  });
});
