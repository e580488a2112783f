import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Engine } from './find-engine.ts';

/** How long an engine may take to answer its first request; a cold Java needs seconds. */
const START_LIMIT_MS = 30_000;
/** Pause between two looks at a starting engine. */
const POLL_MS = 15;
/** A free port can be taken by someone else before the engine has it. */
const MAX_ATTEMPTS = 3;

/** A running engine. */
export interface EngineProcess {
  readonly port: number;
  /** Stops the engine and resolves when its files are closed. */
  stop(): Promise<void>;
}

/** The engine ended or stayed silent instead of starting; the message holds its last words. */
export class EngineStartError extends Error {
  override readonly name = 'EngineStartError';
}

/**
 * Starts an engine on a free loopback port, under a guard that ends it with this process.
 * @throws EngineStartError after three attempts.
 */
export async function startEngine(engine: Engine): Promise<EngineProcess> {
  engine.prepare();
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(engine, await findFreePort());
    } catch (error) {
      if (!(error instanceof EngineStartError) || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

async function startOnce(engine: Engine, port: number): Promise<EngineProcess> {
  const guardFile = fileURLToPath(new URL('./guard-engine.ts', import.meta.url));
  const guard = spawn(process.execPath, [guardFile, engine.command, ...engine.arguments(port)], {
    // Its own process group: a Ctrl-C in the terminal must not end the engine before its client.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  guard.stdin.on('error', () => undefined);
  const exited = new Promise<void>((resolve) => guard.once('close', () => resolve()));
  const lastWords = collectTail(guard);
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await exited;
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await answers(port))) {
    if (guard.exitCode !== null || guard.signalCode !== null || Date.now() > deadline) {
      await stop();
      throw new EngineStartError(`${engine.name} did not start: ${lastWords()}`);
    }
    await sleep(POLL_MS);
  }
  return { port, stop };
}

/** Any answer at all shows that the engine listens. */
async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function collectTail(guard: ChildProcessByStdio<Writable, null, Readable>): () => string {
  let tail = '';
  guard.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-2_000);
  });
  return () => tail.trim();
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
