import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Answers } from '../../shared/admin-api/answers.ts';
import { ROUTES, type RouteName } from '../../shared/admin-api/routes.ts';
import { type DeniedAttempt, recordDenied } from '../../shared/audit/record-denied.ts';
import type { Services } from '../../shared/ports/services.ts';
import { codeOf, placeOf } from '../events/describe-error.ts';
import { refuseUnreconciled } from '../events/refuse-unreconciled.ts';
import { servicesFor } from '../events/services-for.ts';
import { KILLED_BY_LAMBDA } from '../events/timeout.ts';
import { answerResponse, errorResponse } from './error-response.ts';
import { type HttpRequest, parseRequest, type RouteRequest } from './parse-request.ts';

type AdminFunction = (typeof ROUTES)[RouteName]['handler'];

/** The routes of one function, as `ROUTES` assigns them. */
type RoutesOf<Name extends AdminFunction> = {
  [R in RouteName]: (typeof ROUTES)[R]['handler'] extends Name ? R : never;
}[RouteName];

/** One entry per route of the function: a missing or foreign route does not compile. */
export type RouteHandlers<Name extends AdminFunction> = {
  readonly [R in RoutesOf<Name>]: (request: RouteRequest<R>) => Promise<Answers[R]>;
};

/** What is read of the context that Lambda gives. */
interface Context {
  getRemainingTimeInMillis(): number;
}

/** Takes the event and the context that Lambda gives. */
export type AdminHandler = (
  request: HttpRequest,
  context?: unknown,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Makes the handler of one function of the admin API: finds the route, checks who calls and what
 * is sent, lets the route's handler answer, and turns every error into a response. It never
 * throws: API Gateway would hide what went wrong. Logs ids, codes and the route, nothing else. What
 * a rule forbade is recorded in an audit chain. A restored ledger is refused until it was compared
 * with the tombstones.
 *
 * @param handlersOf - makes the handlers with services that know which request they serve;
 * `remainingMs` tells how long Lambda lets them go on.
 */
export function adminHandler<Name extends AdminFunction>(
  name: Name,
  services: Services,
  handlersOf: (services: Services, remainingMs: () => number) => RouteHandlers<Name>,
): AdminHandler {
  const handle = middy(async (request: HttpRequest, context: Partial<Context>) => {
    const route = routeOf(name, request.routeKey);
    const parsed = parseRequest(route, request);
    // Outside of what is recorded: such a ledger is not written to either.
    await refuseUnreconciled(name, services);
    // `parsed` belongs to `route`, which the compiler cannot follow through the index.
    const serving = servicesFor(services, request.requestContext.requestId);
    const remainingMs = () => context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
    const run = handlersOf(serving, remainingMs)[route] as (
      request: typeof parsed,
    ) => Promise<Answers[typeof route]>;
    try {
      return answerResponse(await run(parsed));
    } catch (error) {
      await recordAttempt(serving, route, parsed, error);
      throw error;
    }
  }, KILLED_BY_LAMBDA)
    .after(({ event, response }) => log(event, response?.statusCode))
    .onError((failed) => {
      const { requestId } = failed.event.requestContext;
      failed.response = errorResponse(failed.error, requestId);
      log(failed.event, failed.response.statusCode, failed.error);
    });

  function log({ routeKey, requestContext }: HttpRequest, status = 0, error?: unknown): void {
    const { requestId } = requestContext;
    const failure = error === undefined ? {} : { code: codeOf(error), place: placeOf(error) };
    services.telemetry.event('request.answered', {
      route: routeKey,
      requestId,
      status,
      ...failure,
    });
  }

  return async (request, context = {}) => handle(request, context as never);
}

/** Looking at something changes nothing, and is not an attempt. */
async function recordAttempt(
  services: Services,
  route: RouteName,
  { actor, params }: Pick<DeniedAttempt, 'actor' | 'params'>,
  error: unknown,
): Promise<void> {
  if (ROUTES[route].method === 'POST') {
    await recordDenied(services, { actor, params, route, error });
  }
}

function routeOf<Name extends AdminFunction>(name: Name, routeKey: string): RoutesOf<Name> {
  const found = Object.entries(ROUTES).find(
    ([, { method, path, handler }]) => handler === name && `${method} ${path}` === routeKey,
  );
  if (found === undefined) {
    throw new Error(`${name} was called for a route that is not its own`);
  }
  return found[0] as RoutesOf<Name>;
}
