import type { ServerResponse } from 'node:http';
import type { LocalClock } from '../clock.ts';
import { LocalAwsError, type LocalRequest, type LocalService } from '../gateway/service.ts';
import { OPERATIONS } from './operation-table.ts';
import { parseAddress } from './parse-address.ts';
import { refuseHeaders } from './refuse-headers.ts';
import { routeOperation } from './route-operation.ts';
import { methodNotAllowed, notImplemented } from './s3-errors.ts';
import { sendError } from './send-response.ts';
import { S3Store } from './store/s3-store.ts';

/** What the embedded S3 needs. */
export interface S3Options {
  /** Metadata goes to `s3.sqlite` in it, bodies below `s3/`. */
  readonly dataDirectory: string;
  /** Decides Last-Modified and whether a lock still holds. */
  readonly clock: LocalClock;
  /** Owner of every bucket. */
  readonly accountId: string;
}

/** The embedded S3; `stop` closes its database after the requests under way. */
export interface S3Service extends LocalService {
  stop(): Promise<void>;
}

/**
 * S3 of all Regions over one directory: versions, Object Lock, multipart uploads, checksums and
 * conditional writes as AWS documents them. Permissions are not evaluated: bucket policies, public
 * access blocks and lifecycle rules are stored and given back only, and whoever signs may do
 * everything, governance bypass included. Nothing is encrypted at rest; encryption headers are
 * echoed. An operation it lacks is refused by name with `NotImplemented`.
 */
export function createS3Service(options: S3Options): S3Service {
  const store = new S3Store(options.dataDirectory);
  const underWay = new Set<Promise<void>>();

  async function answer(request: LocalRequest, response: ServerResponse): Promise<void> {
    try {
      await perform(request, response, options, store);
    } catch (error) {
      // What is left of the body is read away, so that the client comes to read the answer.
      request.body.resume();
      if (isGone(response)) {
        response.destroy();
      } else if (error instanceof LocalAwsError) {
        sendError(request, response, error);
      } else {
        throw error;
      }
    }
  }

  return {
    signingNames: ['s3'],
    operationOf(request) {
      try {
        return routeOperation(request, parseAddress(request.host, request.rawPath));
      } catch {
        return undefined;
      }
    },
    async handle(request, response) {
      const work = answer(request, response);
      underWay.add(work);
      await work.finally(() => underWay.delete(work));
    },
    fail: sendError,
    async stop() {
      await Promise.allSettled(underWay);
      store.close();
    },
  };
}

async function perform(
  request: LocalRequest,
  response: ServerResponse,
  options: S3Options,
  store: S3Store,
): Promise<void> {
  const address = parseAddress(request.host, request.rawPath);
  const name = routeOperation(request, address);
  if (name === undefined) {
    throw methodNotAllowed(address.key === '' ? 'BUCKET' : 'OBJECT');
  }
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) {
    const available = Object.keys(OPERATIONS).sort().join(', ');
    throw notImplemented(`local s3 has no ${name}; it has: ${available}`);
  }
  response.setHeader('x-amz-request-id', request.id);
  response.setHeader('x-amz-id-2', 'local');
  const { clock, accountId } = options;
  refuseHeaders(request.headers, accountId);
  await operation({ request, response, query: request.query, ...address, store, clock, accountId });
}

/** A client that went away in the middle of a body is nobody's error. */
function isGone(response: ServerResponse): boolean {
  return response.destroyed || (response.socket?.destroyed ?? false);
}
