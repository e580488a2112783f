import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedFaults } from '../faults.ts';
import { LocalAwsError, type LocalRequest, type LocalService } from './service.ts';

/** What performing a verified request needs besides the request. */
export interface Performance {
  readonly service: LocalService;
  readonly request: LocalRequest;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly faults: PlannedFaults;
  /** Body of a JSON service's request, for faults that match on it. */
  readonly bufferedBody: Buffer | undefined;
  /** Ends this process at once, as `kill -9` would. */
  readonly kill: () => void;
}

/** Lets the service handle the request, or lets the fault planned for it strike. */
export async function performRequest(performance: Performance): Promise<void> {
  const { service, request, message, response, faults, kill } = performance;
  const fault = faults.take({
    service: request.service,
    region: request.region,
    operation: service.operationOf(request),
    rawPath: request.rawPath,
    host: request.host,
    body: performance.bufferedBody,
  });
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
  if (fault?.error !== undefined) {
    const { code, status, message: text } = fault.error;
    const error = new LocalAwsError(code, status, text ?? `planned fault: ${code}`);
    service.fail(request, response, error);
    return;
  }
  if (fault?.dropAnswer) {
    await service.handle(request, discardingResponse(message));
    if (fault.kill) kill();
    response.destroy();
    return;
  }
  if (fault?.kill) {
    kill();
    return;
  }
  await service.handle(request, response);
}

/** A response that goes nowhere: the operation runs to its end, the client learns nothing. */
function discardingResponse(message: IncomingMessage): ServerResponse {
  const response = new ServerResponse(message);
  const nowhere = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  // A response only writes to, corks and listens on its socket; any Writable can do that.
  response.assignSocket(nowhere as unknown as Socket);
  return response;
}
