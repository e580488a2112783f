import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('embedded-aws-server.ts', import.meta.url));

/** Requests by `service operation region`, such as `s3 PutObject eu-west-1`. */
export type RequestCounts = Readonly<Record<string, number>>;

/** The embedded AWS in a process of its own: S3, KMS and DynamoDB on one loopback port. */
export interface EmbeddedAws {
  readonly endpoint: string;
  /** The variables that point SDKs and tools at it. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder beside what it stores, which outlives it: for what a user's machine keeps. */
  readonly cacheHome: string;
  /** @returns the requests answered since it started. */
  counts(): Promise<RequestCounts>;
  stop(): Promise<void>;
}

/**
 * @param dataDirectory - for everything it stores.
 * @throws Error when it does not start; what it says goes to standard error.
 */
export async function startEmbeddedAws(dataDirectory: string): Promise<EmbeddedAws> {
  const child = spawn(process.execPath, [SERVER, dataDirectory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  // It may have ended before it is told to.
  child.stdin.on('error', () => undefined);
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('The embedded AWS did not start.'))),
  ]);
  const { endpoint } = JSON.parse(line) as { endpoint: string };
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'operator',
    AWS_SECRET_ACCESS_KEY: 'operator-secret',
  };
  return {
    endpoint,
    env,
    cacheHome: join(dirname(dataDirectory), 'cache'),
    async counts() {
      const response = await fetch(`${endpoint}/_local/requests`);
      return ((await response.json()) as { requests: RequestCounts }).requests;
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** @returns how many requests of each kind were made between two counts. */
export function countsSince(before: RequestCounts, after: RequestCounts): RequestCounts {
  const made = Object.entries(after).map(([what, count]) => [what, count - (before[what] ?? 0)]);
  return Object.fromEntries(made.filter(([, count]) => count !== 0));
}

/** @returns the number of requests whose name matches. */
export function countOf(counts: RequestCounts, pattern: RegExp): number {
  return Object.entries(counts).reduce((sum, [what, n]) => sum + (pattern.test(what) ? n : 0), 0);
}
