import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalClock } from '../clock.ts';
import type { PlannedFaults } from '../faults.ts';
import { answerControlRequest } from './answer-control-request.ts';
import type { ControlRoute } from './control-routes.ts';
import type { Credentials } from './credentials.ts';
import { writeJsonError } from './json-protocol.ts';
import { performRequest } from './perform-request.ts';
import { readSignedRequest, type SignedRequest } from './read-signed-request.ts';
import type { RequestCounts } from './request-counts.ts';
import { answerTime } from './request-time.ts';
import { LocalAwsError, type LocalService } from './service.ts';
import { writeXmlError } from './xml-error.ts';

/** What the one loopback port of the embedded AWS serves. */
export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly services: readonly LocalService[];
  readonly credentials: Credentials;
  readonly clock: LocalClock;
  readonly faults: PlannedFaults;
  /** Told of every request whose signature was right. Default: nobody counts. */
  readonly requests?: RequestCounts;
  readonly controlRoutes: readonly ControlRoute[];
  /** Told of errors no service foresaw, with the request's id. Default: standard error. */
  readonly onError?: (error: unknown, requestId: string) => void;
  /** Ends this process for a fault with `kill`. Default: SIGKILL to itself. */
  readonly kill?: () => void;
}

/** A running gateway. */
export interface Gateway {
  /** `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly port: number;
  /** Adds a service whose making needs the endpoint. Its signing names must be free. */
  addService(service: LocalService): void;
  /** Adds a control route whose making needs the endpoint. */
  addControlRoute(route: ControlRoute): void;
  /** Refuses new connections, gives running requests `graceMs` to end, then cuts them. */
  stop(graceMs?: number): Promise<void>;
}

/** Clients keep connections open; closing an idle one as they reuse it would fail their request. */
const KEEP_ALIVE_MS = 75_000;
/** How long `stop` waits for running requests unless told otherwise. */
const DEFAULT_GRACE_MS = 2_000;

/**
 * Opens the embedded AWS on 127.0.0.1. Every AWS request must be signed (SigV4, header or presigned
 * URL) with a known key; the signature's scope says which service and Region it is for.
 * @throws Error when the port is taken.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const services = new Map<string, LocalService>();
  const controlRoutes = [...options.controlRoutes];
  const addService = (service: LocalService): void => {
    for (const name of service.signingNames) {
      if (services.has(name)) throw new Error(`a service for ${name} is already there`);
      services.set(name, service);
    }
  };
  options.services.forEach(addService);

  const front: FrontDoor = { options, services, controlRoutes };
  const server = createServer((request, response) => {
    void answer(front, request, response, false);
  });
  server.on('checkContinue', (request, response) => {
    void answer(front, request, response, true);
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;

  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    addService,
    addControlRoute: (route) => controlRoutes.push(route),
    stop: (graceMs = DEFAULT_GRACE_MS) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

interface FrontDoor {
  readonly options: GatewayOptions;
  readonly services: ReadonlyMap<string, LocalService>;
  readonly controlRoutes: readonly ControlRoute[];
}

/** Answers one request; never rejects. */
async function answer(
  front: FrontDoor,
  message: IncomingMessage,
  response: ServerResponse,
  awaitsContinue: boolean,
): Promise<void> {
  const id = randomBytes(8).toString('hex').toUpperCase();
  response.sendDate = false;
  const { clock } = front.options;
  response.setHeader('Date', answerTime(clock, message.headers['x-amz-date']).toUTCString());
  response.setHeader('x-amz-request-id', id);
  response.setHeader('x-amzn-RequestId', id);
  let signed: SignedRequest | undefined;
  let service: LocalService | undefined;
  try {
    const url = (message.url ?? '/').replace(/^https?:\/\/[^/]*/, '');
    const mark = url.indexOf('?');
    const rawPath = (mark < 0 ? url : url.slice(0, mark)) || '/';
    const rawQuery = mark < 0 ? '' : url.slice(mark + 1);
    signed = readSignedRequest({ id, message, rawPath, rawQuery });
    if (signed === undefined && rawPath.startsWith('/_local/')) {
      if (awaitsContinue) response.writeContinue();
      await answerControlRequest(front.controlRoutes, rawPath, rawQuery, message, response);
      return;
    }
    if (signed === undefined) throw signedRequestMissing(message);
    service = findService(front.services, signed.claimed.service);
    const proceed = (): void => {
      if (awaitsContinue) response.writeContinue();
    };
    const { request, bufferedBody } = await signed.verify(front.options, proceed);
    const { faults, requests } = front.options;
    const { service: name, region } = request;
    requests?.add({ service: name, region, operation: service.operationOf(request) });
    const kill = front.options.kill ?? (() => process.kill(process.pid, 'SIGKILL'));
    await performRequest({ service, request, message, response, faults, bufferedBody, kill });
  } catch (error) {
    if (awaitsContinue) response.shouldKeepAlive = false;
    report(front.options, { id, message, response, signed, service }, error);
  }
}

interface Failed {
  readonly id: string;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly signed: SignedRequest | undefined;
  readonly service: LocalService | undefined;
}

/** Writes an error in the service's own form, or in a guessed one when there is no service. */
function report(options: GatewayOptions, failed: Failed, cause: unknown): void {
  const { id, message, response, signed, service } = failed;
  if (message.destroyed && !message.complete) {
    // The client went away in the middle of its body: nobody is left to tell.
    response.destroy();
    return;
  }
  const foreseen = cause instanceof LocalAwsError;
  if (!foreseen) (options.onError ?? logError)(cause, id);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = foreseen ? cause : internalError(signed?.claimed.service);
  if (service !== undefined && signed !== undefined) {
    service.fail(signed.unverified, response, error);
  } else if (looksLikeJson(message)) {
    writeJsonError(response, error);
  } else {
    writeXmlError(response, error, id);
  }
}

function findService(
  services: ReadonlyMap<string, LocalService>,
  signingName: string,
): LocalService {
  const service = services.get(signingName);
  if (service !== undefined) return service;
  const known = [...services.keys()].sort().join(', ');
  throw new LocalAwsError(
    'UnknownServiceException',
    501,
    `the embedded AWS has no service ${signingName}; it has ${known}`,
  );
}

function signedRequestMissing(message: IncomingMessage): LocalAwsError {
  const code = looksLikeJson(message)
    ? 'MissingAuthenticationTokenException'
    : 'MissingAuthenticationToken';
  return new LocalAwsError(code, 403, 'The request is not signed (AWS4-HMAC-SHA256).');
}

function looksLikeJson(message: IncomingMessage): boolean {
  const type = message.headers['content-type'] ?? '';
  return message.headers['x-amz-target'] !== undefined || type.includes('json');
}

function internalError(signingName: string | undefined): LocalAwsError {
  const code = signingName === 's3' ? 'InternalError' : 'InternalServerError';
  return new LocalAwsError(code, 500, 'We encountered an internal error. Please try again.');
}

function logError(error: unknown, requestId: string): void {
  console.error(`embedded AWS, request ${requestId}:`, error);
}
