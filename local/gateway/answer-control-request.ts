import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ControlRoute } from './control-routes.ts';
import { LocalAwsError } from './service.ts';

/** Control bodies are a few lines; anything longer is a mistake. */
const MAX_CONTROL_BODY_BYTES = 1024 * 1024;

/**
 * Answers a request under `/_local/`. The control plane is unsigned, so a web page open in the
 * user's browser must not reach it: requests with an `Origin`, from another site, or with a host
 * name that is not loopback (DNS rebinding) are refused.
 */
export async function answerControlRequest(
  routes: readonly ControlRoute[],
  path: string,
  rawQuery: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    refuseForeignPages(request);
    const route = findRoute(routes, request.method ?? 'GET', path);
    const body = await readText(request);
    const answer = await route.handle({ query: new URLSearchParams(rawQuery), body });
    writeAnswer(response, answer.status, answer.body);
  } catch (error) {
    if (!(error instanceof LocalAwsError)) throw error;
    writeAnswer(response, error.status, { code: error.code, message: error.message });
  }
}

function refuseForeignPages(request: IncomingMessage): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  const isLoopback = name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
  if (isLoopback && origin === undefined && (site === undefined || site === 'none')) return;
  throw new LocalAwsError(
    'AccessDeniedException',
    403,
    'the control plane answers only to programs on this machine, not to web pages',
  );
}

function findRoute(routes: readonly ControlRoute[], method: string, path: string): ControlRoute {
  const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
  if (route !== undefined) return route;
  const known = routes.map((candidate) => `${candidate.method} ${candidate.path}`).join(', ');
  throw new LocalAwsError('NotFoundException', 404, `no such control route; there are ${known}`);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop must not cut the connection: the refusal is still to be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MAX_CONTROL_BODY_BYTES) {
      throw new LocalAwsError('RequestEntityTooLarge', 413, 'the body is larger than 1 MiB');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function writeAnswer(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`, 'utf8');
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
  });
  response.end(body);
}
