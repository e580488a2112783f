import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, readProjectFile } from '../tidy/project-files.ts';
import { missingLine, readWalkThrough, type WrittenCommand } from './read-walk-through.ts';

/** Written between commands; occurs in no output. */
const MARK = '=== walk-through';

/** The stacks may have to be synthesized first. */
const START_LIMIT_MS = 120_000;
const WALK_LIMIT_MS = 120_000;

const walk = readWalkThrough(readProjectFile('README.md'), 'Try it by hand');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-walk-'));
let server: ChildProcess | undefined;
let serverClosed: Promise<unknown> | undefined;

interface RunCommand extends WrittenCommand {
  readonly status: number;
  readonly output: string;
}

/** A copy, so that nobody's editing of `docs/` in the meantime makes a difference. */
const records = join(folder, 'docs');

/** Keeps everything in the test's own folder, on any free port. */
function inOwnFolder(text: string): string {
  return text
    .replaceAll('.holdfast/try', folder)
    .replace(/ docs(?=[= ])/, ` ${records}`)
    .replace('--port 4566', '--port 0');
}

/** A machine of somebody who has nothing set up. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, npm_config_update_notifier: 'false' };
}

/** Starts the server; ends when it is ready. @returns the lines it says to paste. */
async function startServer(): Promise<string> {
  const [command = { text: '' }] = walk.firstTerminal;
  // In a process group of its own: npm starts the server by way of a shell.
  server = spawn('bash', ['--norc', '-c', inOwnFolder(command.text)], {
    cwd: ROOT,
    env: cleanEnvironment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  serverClosed = once(server, 'close');
  let printed = '';
  const deadline = setTimeout(() => stopServer(), START_LIMIT_MS);
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (chunk) => {
      printed += chunk;
      if (printed.includes('Stop with Ctrl-C')) server?.emit('ready');
    });
  }
  await Promise.race([once(server, 'ready'), serverClosed]);
  clearTimeout(deadline);
  const exports = printed.match(/^export .*$/gm)?.slice(0, 5);
  if (exports === undefined) throw new Error(`the server did not start:\n${printed}`);
  return exports.join('\n');
}

function stopServer(): void {
  const isRunning = server?.exitCode === null && server.signalCode === null;
  if (isRunning && server?.pid !== undefined) process.kill(-server.pid, 'SIGTERM');
}

/** Runs commands one after the other in one shell, as somebody does who pastes them. */
async function runAll(
  setUp: string,
  commands: readonly WrittenCommand[],
): Promise<readonly RunCommand[]> {
  const script = [
    'exec 2>&1',
    setUp,
    ...commands.flatMap(({ text }) => [`echo '${MARK}'`, inOwnFolder(text), 'echo "status $?"']),
  ].join('\n');
  const shell = spawn('bash', ['--norc', '-c', script], {
    cwd: ROOT,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  shell.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await once(shell, 'close');
  const parts = printed.split(`${MARK}\n`).slice(1);
  return commands.map((command, index) => {
    const [, output = '', status] = /^([\s\S]*)status (\d+)\n$/.exec(parts[index] ?? '') ?? [];
    return { ...command, output, status: Number(status) };
  });
}

function filesBelow(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length))
    .sort();
}

describe("the README's walk-through", () => {
  let ran: readonly RunCommand[] = [];

  const outputOf = (start: string): string =>
    ran.find(({ text }) => text.startsWith(start))?.output ?? `nobody ran ${start}`;

  beforeAll(async () => {
    cpSync(join(ROOT, 'docs'), records, { recursive: true });
    ran = await runAll(await startServer(), walk.secondTerminal);
  }, START_LIMIT_MS + WALK_LIMIT_MS);

  afterAll(async () => {
    stopServer();
    await serverClosed;
    rmSync(folder, { recursive: true, force: true });
  });

  test('each command ends as it says', () => {
    const otherwise = ran
      .filter(({ status, endsWith }) => status !== endsWith)
      .map(({ text, status, output }) => `${text}\nended with ${status}:\n${output}`);
    expect(otherwise).toEqual([]);
  });

  test('what it says is printed is printed', () => {
    const output = ran.map((command) => command.output).join('');
    expect(missingLine(walk.prints, output), output).toBeUndefined();
  });

  test('the snapshot is protected in both copies', () => {
    const shown = outputOf('holdfast snapshot show');
    const expected = ['protection        protected', 'primary copy …', 'secondary copy …'];
    expect(missingLine(expected, shown), shown).toBeUndefined();
    expect(shown).not.toContain('did not answer');
  });

  test('the restored folder has the files of docs/, byte for byte', () => {
    const restored = join(folder, 'restored');
    const files = filesBelow(records);
    expect(filesBelow(restored)).toEqual(files);
    for (const file of files) {
      expect(readFileSync(join(restored, file)).equals(readFileSync(join(records, file)))).toBe(
        true,
      );
    }
  });

  test('a hold, the own request and destroyed keys each refuse', () => {
    const refused = ran.filter(({ endsWith }) => endsWith === 5).map(({ output }) => output);
    expect(refused.map((output) => /\(([A-Z_]+)\)\n$/.exec(output)?.[1])).toEqual([
      'VAULT_HELD',
      'OWN_REQUEST',
      'VAULT_UNREADABLE',
    ]);
  });

  test('it ends with an erased vault, and evidence of both keys', () => {
    const status = outputOf('holdfast erase status');
    const expected = [
      'state                    ERASED',
      'primary key destroyed    …',
      'primary decrypt          refused …',
      'secondary key destroyed  …',
      'secondary decrypt        refused …',
    ];
    expect(missingLine(expected, status), status).toBeUndefined();
  });
});

describe('reading a walk-through', () => {
  const section = (body: string) => `# T\n\n## One\n\n${body}\n\n## Two\n\n\`\`\`sh\nno\n\`\`\`\n`;
  const block = (kind: string, text: string) => `\`\`\`${kind}\n${text}\n\`\`\`\n`;

  test('takes the commands of one section, with continued lines and expected statuses', () => {
    const body =
      block('sh', 'serve') +
      block('sh', 'a \\\n  b\n\n# why\nc  # ends with 5') +
      block('text', 'x');
    expect(readWalkThrough(section(body), 'One')).toEqual({
      firstTerminal: [{ text: 'serve', endsWith: 0 }],
      secondTerminal: [
        { text: 'a \\\n  b', endsWith: 0 },
        { text: 'c  # ends with 5', endsWith: 5 },
      ],
      prints: ['x'],
    });
  });

  test('refuses a section that is not there, or has nothing to check', () => {
    expect(() => readWalkThrough(section(block('sh', 'a')), 'One')).toThrow('too few blocks');
    expect(() => readWalkThrough('', 'One')).toThrow('too few blocks');
  });

  test('names the first line that is missing or out of order', () => {
    expect(missingLine(['a', 'b … d'], 'x\na\nb c d\n')).toBeUndefined();
    expect(missingLine(['b', 'a'], 'a\nb\n')).toBe('a');
    expect(missingLine(['b … d'], 'b d\n')).toBe('b … d');
  });
});
