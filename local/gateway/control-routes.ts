import type { LocalClock } from '../clock.ts';
import type { FaultPlan, PlannedFaults } from '../faults.ts';
import { parseClockMove } from './parse-clock-move.ts';
import type { RequestCounts } from './request-counts.ts';
import { LocalAwsError } from './service.ts';

/** A request to the control plane, its body read as text. */
export interface ControlRequest {
  readonly query: URLSearchParams;
  readonly body: string;
}

/** A control route's answer; `body` is sent as JSON. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * One route of the control plane: unsigned, loopback only, under `/_local/`. A `LocalAwsError`
 * thrown by `handle` is answered with its status.
 */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Exact path, such as `/_local/clock`. */
  readonly path: string;
  handle(request: ControlRequest): Promise<ControlAnswer>;
}

/** The control routes every embedded AWS has: clock, planned faults, request counts, health. */
export function createControlRoutes(options: {
  clock: LocalClock;
  faults: PlannedFaults;
  requests: RequestCounts;
}): ControlRoute[] {
  return [
    ...clockRoutes(options.clock),
    ...faultRoutes(options.faults),
    ...requestRoutes(options.requests),
    health(options.clock),
  ];
}

function clockRoutes(clock: LocalClock): ControlRoute[] {
  const reading = (): ControlAnswer => ({
    status: 200,
    body: { now: clock.now().toISOString(), offsetMs: clock.offset() },
  });
  return [
    { method: 'GET', path: '/_local/clock', handle: async () => reading() },
    {
      method: 'POST',
      path: '/_local/clock',
      async handle({ body }) {
        await clock.moveTo(parseClockMove(body, clock.now()));
        return reading();
      },
    },
  ];
}

function faultRoutes(faults: PlannedFaults): ControlRoute[] {
  const path = '/_local/faults';
  return [
    {
      method: 'GET',
      path,
      handle: async () => ({ status: 200, body: { faults: faults.list() } }),
    },
    {
      method: 'POST',
      path,
      async handle({ body }) {
        const value = parseJson(body);
        const plans = Array.isArray(value) ? value : [value];
        const planned = plans.map((plan: FaultPlan) => faults.plan(plan));
        return { status: 201, body: { faults: planned } };
      },
    },
    {
      method: 'DELETE',
      path,
      async handle({ query }) {
        faults.clear(query.get('id') ?? undefined);
        return { status: 200, body: { faults: faults.list() } };
      },
    },
  ];
}

function requestRoutes(requests: RequestCounts): ControlRoute[] {
  const path = '/_local/requests';
  const answer = (): ControlAnswer => ({ status: 200, body: { requests: requests.all() } });
  return [
    { method: 'GET', path, handle: async () => answer() },
    {
      method: 'DELETE',
      path,
      async handle() {
        requests.reset();
        return answer();
      },
    },
  ];
}

function health(clock: LocalClock): ControlRoute {
  return {
    method: 'GET',
    path: '/_local/health',
    handle: async () => ({
      status: 200,
      body: { status: 'ok', now: clock.now().toISOString() },
    }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LocalAwsError('ValidationException', 400, 'the body is not JSON');
  }
}
