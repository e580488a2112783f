import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blankOut } from './blank-out.ts';
import { codeFiles, projectFiles, readProjectFile } from './project-files.ts';

interface Ban {
  readonly what: string;
  /** Searched in code without comments and strings. */
  readonly pattern: RegExp;
  readonly instead: string;
  readonly where: RegExp;
  /** Files that may, each with its reason in a comment. */
  readonly except: readonly string[];
}

const CLOCK = 'shared/aws/system-clock.ts';
const IDS = 'shared/aws/ulid-ids.ts';

const BANS: readonly Ban[] = [
  {
    what: "the machine's time",
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\.now\b/g,
    instead: 'take a Clock: simulated years must run in seconds',
    where: /^shared\//,
    except: [CLOCK, IDS],
  },
  {
    what: 'waiting',
    pattern: /\bset(?:Timeout|Interval|Immediate)\b|\bnode:timers\b/g,
    instead: 'take a Clock: simulated years must run in seconds',
    where: /^shared\//,
    except: [CLOCK],
  },
  {
    what: 'random choices and ids',
    pattern: /\bMath\.random\b|\brandomUUID\b|\bulid\(/g,
    instead: 'take the ids or the randomness as a parameter: a run must be repeatable',
    where: /^shared\//,
    // The clock's pauses are spread at random, so that callers do not come back all at once.
    except: [IDS, CLOCK],
  },
  {
    what: 'random bytes',
    pattern: /\brandom(?:Bytes|Int|FillSync)\b|\bgetRandomValues\b/g,
    instead: 'take the randomness as a parameter: a run must be repeatable',
    // Adapters and wiring are where the machine's randomness enters.
    where: /^shared\/(?!aws\/|wiring\/)/,
    except: [],
  },
  {
    what: 'process.exit',
    pattern: /\bprocess\.exit\(/g,
    instead: 'throw, or set process.exitCode where output may still be under way',
    where: /^(?!scripts\/|test\/)/,
    // In a worker thread it ends that thread only, which is what a crash of a function does.
    except: ['cli/main.ts', 'local/main.ts', 'local/lambda/function-worker.ts'],
  },
  {
    what: 'process.env',
    pattern: /\bprocess\.env\b|\bimport\.meta\.env\b/g,
    instead: 'take the settings as a parameter; they are read and checked in one place',
    where: /^(?!scripts\/|test\/)/,
    except: [
      'shared/config/service-config.ts',
      'cli/settings.ts',
      'cli/main.ts',
      'infra/app.ts',
      'infra/settings.ts',
      'local/main.ts',
      // Passes PATH on to the app it starts.
      'local/synthesize-app.ts',
    ],
  },
];

/** Words are put together here so that this file does not find itself. */
const LEFTOVER = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
const MACHINE_PATH = new RegExp(`(?<![\\w.~)-])/(?:${['work', 'root'].join('|')}|home/[\\w-]+)/`);
const REGISTRIES = [
  'registry.npm' + 'js.org',
  'npm' + 'mirror',
  'art' + 'ifactory',
  'ver' + 'daccio',
];
const REGISTRY = new RegExp(REGISTRIES.join('|').replaceAll('.', '\\.'), 'i');

const VAGUE_NAMES = ['util', 'utils', 'helper', 'helpers', 'common', 'types', 'index', 'misc'];

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

const codes = new Map(
  codeFiles().map((path) => [
    path,
    blankOut(readProjectFile(path), { comments: true, strings: true }),
  ]),
);

function linesWith(pattern: RegExp, skip: readonly string[] = []): string[] {
  return projectFiles()
    .filter((path) => !skip.includes(path))
    .flatMap((path) =>
      readProjectFile(path)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
}

describe('code keeps away from', () => {
  test.each(BANS)('$what', ({ pattern, where, except, instead }) => {
    const found = [...codes]
      .filter(([path]) => where.test(path) && !except.includes(path))
      .flatMap(([path, code]) =>
        [...code.matchAll(pattern)].map(
          (match) => `${path}:${lineOf(code, match.index)} ${match[0]}: ${instead}`,
        ),
      );
    expect(found).toEqual([]);
  });
});

describe('no file of the project holds', () => {
  test('work left for later', () => {
    expect(linesWith(LEFTOVER)).toEqual([]);
  });

  test('a path of one machine', () => {
    expect(linesWith(MACHINE_PATH)).toEqual([]);
  });

  test('the address of a package registry', () => {
    expect(linesWith(REGISTRY)).toEqual([]);
  });

  test('a resolved address in the lock file', () => {
    expect(readProjectFile('package-lock.json')).not.toMatch(/"resolved"/);
  });
});

test('file names say what is inside', () => {
  const vague = codeFiles().filter((path) =>
    VAGUE_NAMES.includes(
      basename(path).replace(/(?:\.(?:test|contract|property|bench))?\.\w+$/, ''),
    ),
  );
  expect(vague).toEqual([]);
});

describe('blanking out what is not code', () => {
  const blanked = (source: string): string => blankOut(source, { comments: true, strings: true });

  test.each([
    ['Date.now(); // Date.now()', 'Date.now();'],
    ["f('Date.now()', x)", 'f(            , x)'],
    [`\`Date.now() \${Date.now()} Math\``, `\`           \${Date.now()}     \``],
    [`\`a \${b ? \`c \${d}\` : {}} e\``, `\`  \${b ? \`  \${d}\` : {}}  \``],
    ["const r = /'\\/[/']/g; g('x')", 'const r =           ; g(   )'],
    ['a / b / c', 'a / b / c'],
    ['/* one\ntwo */ three', '      \n       three'],
  ])('%s', (source, expected) => {
    expect(blanked(source).trimEnd()).toBe(expected);
  });

  test('keeps the size of every file and the place of every line', () => {
    for (const path of codeFiles()) {
      const source = readProjectFile(path);
      const code = blanked(source);
      expect(code, path).toHaveLength(source.length);
      expect(code.split('\n'), path).toHaveLength(source.split('\n').length);
    }
  });
});
