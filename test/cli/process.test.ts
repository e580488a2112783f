import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiFixture } from './api-fixture.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');

let cacheHome: string;

beforeAll(async () => {
  cacheHome = await mkdtemp(join(tmpdir(), 'holdfast-cache-'));
});
afterAll(() => rm(cacheHome, { recursive: true }));

/** Runs the real program in a process of its own, with no setting but those given. */
async function holdfast(
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env.PATH,
      XDG_CACHE_HOME: cacheHome,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err };
}

describe('the program', () => {
  test('prints its help to stdout and ends with 0, without any setting', async () => {
    const ran = await holdfast(['--help']);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain('Exit codes:');
  });

  test('keeps what it compiled in the cache folder of its user, and runs without one', async () => {
    await holdfast(['--version']);
    expect(await readdir(join(cacheHome, 'holdfast/compiled'))).toHaveLength(1);
    const ran = await holdfast(['--version'], { XDG_CACHE_HOME: join(MAIN, 'no-folder') });
    expect(ran).toMatchObject({ code: 0, err: '' });
  });

  test('prints its version', async () => {
    expect(await holdfast(['--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test('prints its help to stderr and ends with 2 when it is given no command', async () => {
    const ran = await holdfast([]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain('Usage: holdfast');
  });

  test('signs with the credentials of its environment and prints the answer', async () => {
    await using api = await apiFixture({ status: 200, body: { policies: [] } });
    const ran = await holdfast(['policy', 'list', '--json'], {
      HOLDFAST_API_URL: api.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'operator-secret',
    });
    expect(ran).toEqual({ code: 0, out: '{\n  "policies": []\n}\n', err: '' });
    expect(api.seen[0]?.headers.authorization).toContain('Credential=operator/');
  });
});

describe('wrong input', () => {
  test.each([
    ['an unknown command', ['vaults'], /unknown command 'vaults'/],
    ['an unknown option', ['policy', 'list', '--colour'], /unknown option '--colour'/],
    ['a mistyped option', ['client', 'add', '--nme', 'x'], /unknown option '--nme'/],
    ['an option left out', ['vault', 'list'], /'--client <client>' not specified/],
    ['something that is not an id', ['vault', 'show', '42'], /not an id/],
    ['a copy that does not exist', ['restore', '--from', 'third'], /primary, secondary/],
    ['a number out of range', ['client', 'list', '--limit', '0'], /from 1 to 1000/],
  ])('of %s ends with 2 and says what is wrong, without a stack trace', async (_, args, says) => {
    const ran = await holdfast(args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(says);
    expect(ran.err).not.toMatch(/\n\s+at /);
  });
});
