import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCycles } from './find-cycles.ts';
import { importProblem } from './layer-rules.ts';
import { codeFiles, ROOT, readProjectFile } from './project-files.ts';
import { readImports } from './read-imports.ts';

const imports = new Map(
  codeFiles().map((path) => [path, readImports(path, readProjectFile(path))]),
);

const problemOf = (path: string, source: string): string | undefined => {
  const [found] = readImports(path, source);
  return found === undefined ? 'no import read' : importProblem(path, found);
};

describe('the project', () => {
  test('imports only downwards', () => {
    const problems = [...imports].flatMap(([path, list]) =>
      list.flatMap((found) => {
        const problem = importProblem(path, found);
        return problem === undefined ? [] : [`${path}: ${problem}`];
      }),
    );
    expect(problems).toEqual([]);
  });

  test('has no import cycle', () => {
    const graph = [...imports].map(([path, list]): [string, string[]] => [
      path,
      list.filter((found) => found.relative && found.kind === 'value').map((found) => found.target),
    ]);
    expect(findCycles(new Map(graph)).map((cycle) => cycle.join(' -> '))).toEqual([]);
  });

  test('imports only files that exist', () => {
    const missing = [...imports].flatMap(([path, list]) =>
      list
        .filter((found) => found.relative && !existsSync(join(ROOT, found.target)))
        .map((found) => `${path} imports ${found.target}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the layer rules', () => {
  test.each([
    [
      'shared/domain/lock.ts',
      "import { S3Copy } from '../aws/s3-copy.ts';",
      'shared/domain must not import shared/aws: the domain stays pure',
    ],
    [
      'shared/domain/lock.ts',
      "import type { Copy } from '../ports/copy.ts';",
      'shared/domain must not import shared/ports: the domain stays pure',
    ],
    [
      'shared/domain/lock.ts',
      "import { readFile } from 'node:fs/promises';",
      'shared/domain must not import node:fs/promises: the domain stays pure',
    ],
    [
      'shared/backup/run-backup.ts',
      "import {\n  S3Copy,\n  other,\n} from '../aws/s3-copy.ts';",
      'shared/backup must not import shared/aws: a use case sees AWS through ports only',
    ],
    [
      'shared/ports/copy.ts',
      "import { runBackup } from '../backup/run-backup.ts';",
      'shared/ports must not import shared/backup: a port knows neither its users nor its ' +
        'implementations',
    ],
    [
      'shared/restore/run-restore.ts',
      "import { S3Client } from '@aws-sdk/client-s3';",
      'use cases must not import @aws-sdk/client-s3: only shared/aws knows the AWS SDK',
    ],
    [
      'shared/ports/key-custody.ts',
      "import { KmsKeyringNode } from '@aws-crypto/client-node';",
      'shared/ports must not import @aws-crypto/client-node: only shared/aws knows the AWS SDK',
    ],
    [
      'infra/app.ts',
      "import { runBackup } from '../shared/backup/run-backup.ts';",
      'infra must not import shared/backup: templates and code meet in names and routes only',
    ],
    [
      'local/main.ts',
      "export * from '../shared/config/env-names.ts';",
      'local must not import shared/config: the embedded AWS knows AWS, not Holdfast',
    ],
    [
      'functions/run-backup.ts',
      "const x = await import('../test/support/memory-copy.ts');",
      'functions must not import test: nothing does',
    ],
  ])('refuse in %s: %s', (path, source, problem) => {
    expect(problemOf(path, source)).toBe(problem);
  });

  test.each([
    [
      'shared/ports/key-custody.ts',
      "import type { KeyringNode } from '@aws-crypto/material-management-node';",
    ],
    ['shared/format/message.ts', "import { buildEncrypt } from '@aws-crypto/encrypt-node';"],
    ['shared/aws/s3-copy.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['shared/backup/run-backup.ts', "import { readSeal } from '../restore/read-seal.ts';"],
    ['infra/names.ts', "import { ROUTES } from '../shared/admin-api/routes.ts';"],
    ['test/unit/x.test.ts', "import { x } from '../../local/x.ts';"],
  ])('allow in %s: %s', (path, source) => {
    expect(problemOf(path, source)).toBeUndefined();
  });
});

describe('reading imports', () => {
  test('a comment or a string that looks like an import is none', () => {
    const source = "// import { a } from './a.ts';\nconst text = `\nimport x from './b.ts';\n`;\n";
    expect(readImports('cli/main.ts', source)).toEqual([]);
  });

  test('a cycle through a type does not count, a cycle through a value does', () => {
    const typed = readImports('cli/a.ts', "import type { B } from './b.ts';");
    expect(typed).toEqual([{ target: 'cli/b.ts', relative: true, kind: 'type' }]);
    const cycle = new Map([
      ['cli/a.ts', ['cli/b.ts']],
      ['cli/b.ts', ['cli/a.ts']],
    ]);
    expect(findCycles(cycle)).toEqual([['cli/a.ts', 'cli/b.ts', 'cli/a.ts']]);
  });
});
