import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));

/** Synthesis, bundling and deployment on a slow machine. */
const START_LIMIT_MS = 120_000;
const LOOK_AGAIN_MS = 100;

/** The embedded AWS in a process of its own, as `npm run local` starts it. */
export interface EmbeddedAwsProcess {
  readonly endpoint: string;
  /** What it tells its users to export. */
  readonly environment: Readonly<Record<string, string>>;
  /** Calls the control plane, which moves the clock, plans faults and shows logs. */
  control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Starts the embedded AWS on any free port and waits until it answers.
 * @throws Error with what it printed when it ended or did not come up within two minutes.
 */
export async function startEmbeddedAwsProcess(directory: string): Promise<EmbeddedAwsProcess> {
  const envFile = join(directory, 'environment');
  const data = join(directory, 'data');
  const args = [MAIN, '--port', '0', '--data', data, '--write-env', envFile];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: string[] = [];
  child.stdout.on('data', (chunk) => printed.push(String(chunk)));
  child.stderr.on('data', (chunk) => printed.push(String(chunk)));
  await waitUntilUp(child, envFile, printed);
  const environment = parseEnvironment(await readFile(envFile, 'utf8'));
  const endpoint = environment.AWS_ENDPOINT_URL ?? '';
  return {
    endpoint,
    environment,
    control: (method, path, body) => callControlPlane(endpoint, method, path, body),
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
    },
  };
}

async function waitUntilUp(child: ChildProcess, envFile: string, printed: string[]): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!existsSync(envFile) || !readFileSync(envFile, 'utf8').includes('HOLDFAST_API_URL')) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill();
      throw new Error(`The embedded AWS did not start:\n${printed.join('')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** Lines of `NAME=value`, with or without `export` and quotes. */
function parseEnvironment(text: string): Record<string, string> {
  const lines = text.matchAll(/^(?:export )?([A-Z_]+)=["']?(.*?)["']?$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

async function callControlPlane(
  endpoint: string,
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const response = await fetch(`${endpoint}/_local/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${method} /_local/${path} answered ${response.status}: ${text}`);
  }
  return JSON.parse(text);
}
