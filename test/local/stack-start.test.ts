import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { DataDirectoryError, lockDataDirectory } from '../../local/data-directory-lock.ts';
import { SynthesisError, synthesizeApp } from '../../local/synthesize-app.ts';
import { functionNamed, TestApp, until } from './stack-app.ts';

const STUCK_ONCE = `import { existsSync, writeFileSync } from 'node:fs';
export const handler = async ({ marker }) => {
  if (existsSync(marker)) { console.log('done'); return; }
  writeFileSync(marker, '');
  await new Promise(() => setInterval(() => {}, 1000));
};`;

const app = new TestApp([
  { name: 'app', code: { stuck: STUCK_ONCE }, resources: { Stuck: functionNamed('stuck') } },
]);
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => await app.remove());

function startMain(...options: string[]): ChildProcess {
  const main = new URL('../../local/main.ts', import.meta.url).pathname;
  const assembly = join(app.root, 'cdk.out');
  const child = spawn(
    process.execPath,
    [main, '--data', app.data, '--assembly', assembly, ...options],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  children.push(child);
  return child;
}

/** Reads a stream's lines until one contains a text. */
async function lineWith(stream: NodeJS.ReadableStream | null, text: string): Promise<string> {
  if (stream === null) throw new Error('no stream');
  for await (const line of createInterface({ input: stream })) {
    if (line.includes(text)) return line;
  }
  throw new Error(`the process ended without saying "${text}"`);
}

describe('npm run local', () => {
  test('prints and writes its environment, survives kill -9, and stops on SIGTERM', async () => {
    const envFile = join(app.root, 'env');
    const first = startMain('--port', '0', '--no-schedules', '--write-env', envFile);
    const line = await lineWith(first.stdout, 'export AWS_ENDPOINT_URL=');
    const endpoint = line.slice(line.indexOf('=') + 1);
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(readFileSync(envFile, 'utf8')).toBe(
      `export AWS_ENDPOINT_URL=${endpoint}\nexport AWS_REGION=eu-central-1\n` +
        'export AWS_ACCESS_KEY_ID=operator\nexport AWS_SECRET_ACCESS_KEY=operator-secret\n',
    );

    const marker = join(app.root, 'marker');
    const lambda = new LambdaClient({
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'operator', secretAccessKey: 'operator-secret' },
    });
    const Payload = JSON.stringify({ marker });
    await lambda.send(
      new InvokeCommand({ FunctionName: 'stuck', InvocationType: 'Event', Payload }),
    );
    await until(() => readdirSync(app.root).includes('marker'));
    first.kill('SIGKILL');
    await once(first, 'exit');

    const second = startMain('--port', '0');
    await lineWith(second.stdout, 'Stop with Ctrl-C');
    const logFile = join(app.data, 'logs/stuck.log');
    await until(() => readdirSync(join(app.data, 'logs')).length > 0);
    expect(readFileSync(logFile, 'utf8')).toBe('done\n');
    second.kill('SIGTERM');
    expect(await once(second, 'exit')).toEqual([0, null]);
    expect(readdirSync(app.data)).not.toContain('lock');
  });

  test('says so when the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const child = startMain('--port', String(port));
    await lineWith(child.stderr, `Port ${port} is in use`);
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect(code).toBe(1);
    server.close();
  });
});

describe('the lock of a data directory', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lock-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('refuses a second holder and is free after its release', () => {
    const release = lockDataDirectory(directory);
    expect(() => lockDataDirectory(directory)).toThrow(DataDirectoryError);
    release();
    lockDataDirectory(directory)();
  });

  test('of a process that lives is respected, of one that is gone taken over', () => {
    const parent = process.ppid;
    writeFileSync(join(directory, 'lock'), `${parent} `);
    expect(() => lockDataDirectory(directory)).toThrow(
      `used by another server (process ${parent})`,
    );
    writeFileSync(join(directory, 'lock'), `${parent} 1`);
    lockDataDirectory(directory)();
    writeFileSync(join(directory, 'lock'), '4194305 1');
    lockDataDirectory(directory)();
  });

  test('cannot be taken where nothing can be written', () => {
    expect(() => lockDataDirectory('/dev/null/data')).toThrow(/^cannot write to \/dev\/null\/data/);
  });
});

describe('synthesizing', () => {
  const project = mkdtempSync(join(tmpdir(), 'project-'));
  afterAll(() => rmSync(project, { recursive: true }));

  function synthesize(appText: string, settings = '{}'): Promise<string> {
    mkdirSync(join(project, 'infra'), { recursive: true });
    writeFileSync(join(project, 'infra/app.ts'), appText);
    writeFileSync(join(project, 'settings.json'), settings);
    return synthesizeApp({
      projectDirectory: project,
      settingsFile: join(project, 'settings.json'),
      cacheDirectory: join(project, 'cache'),
    });
  }

  const APP = `import { appendFileSync, writeFileSync } from 'node:fs';
    appendFileSync('runs', 'x');
    writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', process.env.CDK_CONTEXT_JSON);`;
  const runs = () => readFileSync(join(project, 'runs'), 'utf8').length;

  test('runs the app with the settings once per state of the sources', async () => {
    const first = await synthesize(APP);
    const manifest = JSON.parse(readFileSync(join(first, 'manifest.json'), 'utf8'));
    expect(manifest).toEqual({ settings: join(project, 'settings.json') });
    expect(await synthesize(APP)).toBe(first);
    expect(runs()).toBe(1);
    expect(await synthesize(`${APP}\n`)).not.toBe(first);
    expect(await synthesize(APP, '{"installation":"other"}')).not.toBe(first);
    expect(runs()).toBe(3);
  });

  test('reports what a failing app printed and keeps nothing of it', async () => {
    const failing = synthesize("console.error('The settings are not usable'); process.exit(1);");
    await expect(failing).rejects.toThrow(new SynthesisError('The settings are not usable'));
    expect(readdirSync(join(project, 'cache')).filter((name) => name.startsWith('new-'))).toEqual(
      [],
    );
  });
});
