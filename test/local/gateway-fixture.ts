import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalClock } from '../../local/clock.ts';
import { PlannedFaults } from '../../local/faults.ts';
import { type ControlRoute, createControlRoutes } from '../../local/gateway/control-routes.ts';
import { type Gateway, startGateway } from '../../local/gateway/http-server.ts';
import { createIdentities } from '../../local/gateway/identities.ts';
import { readBody, writeJson, writeJsonError } from '../../local/gateway/json-protocol.ts';
import { RequestCounts } from '../../local/gateway/request-counts.ts';
import type { LocalRequest, LocalService } from '../../local/gateway/service.ts';
import { writeXmlError } from '../../local/gateway/xml-error.ts';
import { openMovableClock } from '../../local/movable-clock.ts';

export const ACCOUNT_ID = '111122223333';
export const OPERATOR = { accessKeyId: 'operator', secretAccessKey: 'operator-secret' };

/** A directory of its own under the system's temporary one, and how to remove it. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'local-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A service that accepts everything and remembers what it was asked. */
export interface RecordingService extends LocalService {
  readonly requests: LocalRequest[];
  readonly bodies: string[];
}

/** Answers every request with an empty success, in the wire form of `signingName`. */
export function recordingService(signingName: string): RecordingService {
  const requests: LocalRequest[] = [];
  const bodies: string[] = [];
  return {
    signingNames: [signingName],
    requests,
    bodies,
    operationOf(request) {
      const target = request.headers['x-amz-target'];
      if (typeof target === 'string') return target.split('.')[1];
      return request.query.get('x-id') ?? undefined;
    },
    async handle(request, response) {
      bodies.push((await readBody(request.body)).toString('utf8'));
      requests.push(request);
      if (signingName === 's3') response.writeHead(200, { etag: '"e"' }).end();
      else writeJson(response, 200, {});
    },
    fail(request, response, error) {
      if (signingName === 's3') writeXmlError(response, error, request.id);
      else writeJsonError(response, error);
    },
  };
}

/** A gateway over the given services with a clock of its own, and how to close it all. */
export async function startTestGateway(
  services: (clock: LocalClock, dataDirectory: string) => readonly LocalService[],
  options: { controlRoutes?: readonly ControlRoute[]; kill?: () => void } = {},
) {
  const directory = temporaryDirectory();
  const clock = openMovableClock({ dataDirectory: directory.path });
  const faults = new PlannedFaults();
  const requests = new RequestCounts();
  const credentials = createIdentities({ accountId: ACCOUNT_ID, partition: 'aws' });
  const started = services(clock, directory.path);
  const errors: unknown[] = [];
  const gateway: Gateway = await startGateway({
    port: 0,
    services: started,
    credentials,
    clock,
    faults,
    requests,
    controlRoutes: [
      ...createControlRoutes({ clock, faults, requests }),
      ...(options.controlRoutes ?? []),
    ],
    onError: (error) => errors.push(error),
    ...(options.kill === undefined ? {} : { kill: options.kill }),
  });
  return {
    gateway,
    endpoint: gateway.endpoint,
    clock,
    faults,
    credentials,
    errors,
    dataDirectory: directory.path,
    async close() {
      await gateway.stop(0);
      for (const service of started) await service.stop?.();
      clock.close();
      directory.remove();
    },
  };
}
