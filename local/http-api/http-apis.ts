import type { ServerResponse } from 'node:http';
import type { LocalClock } from '../clock.ts';
import { readBody } from '../gateway/json-protocol.ts';
import { LocalAwsError, type LocalRequest, type LocalService } from '../gateway/service.ts';
import type { InvocationOutcome } from '../lambda/function-definition.ts';
import { type HttpRoute, matchRoute, parseRouteKey } from './match-route.ts';
import { proxyEventOf } from './proxy-event.ts';
import { gatewayError, type ProxyResponse, proxyResponseOf } from './proxy-response.ts';

interface ApiRoute {
  readonly route: HttpRoute;
  readonly functionArn: string;
  readonly timeoutMs: number;
}

/** API Gateway's own limit for an integration of an HTTP API. */
export const DEFAULT_INTEGRATION_TIMEOUT_MS = 30_000;

/** HTTP APIs of all Regions, under `/_api/<apiId>/…`, for requests signed for `execute-api`. */
export class HttpApis {
  readonly #apis = new Map<string, { readonly region: string; readonly routes: ApiRoute[] }>();
  readonly #clock: LocalClock;
  readonly #invoke: (arn: string, payload: string) => Promise<InvocationOutcome>;

  constructor(options: {
    readonly clock: LocalClock;
    readonly invoke: (arn: string, payload: string) => Promise<InvocationOutcome>;
  }) {
    this.#clock = options.clock;
    this.#invoke = options.invoke;
  }

  create(apiId: string, region: string): void {
    this.#apis.set(apiId, { region, routes: [] });
  }

  /** Ids of all APIs in the order of their creation. */
  ids(): string[] {
    return [...this.#apis.keys()];
  }

  addRoute(
    apiId: string,
    routeKey: string,
    functionArn: string,
    timeoutMs: number = DEFAULT_INTEGRATION_TIMEOUT_MS,
  ): void {
    const api = this.#apis.get(apiId);
    if (api === undefined) {
      throw new LocalAwsError('NotFoundException', 404, `Invalid API identifier ${apiId}`);
    }
    api.routes.push({ route: parseRouteKey(routeKey), functionArn, timeoutMs });
  }

  /** The service behind the signing name `execute-api`. */
  service(): LocalService {
    return {
      signingNames: ['execute-api'],
      operationOf: (request) => this.#find(request)?.match.route.key,
      handle: async (request, response) => send(response, await this.#answer(request)),
      fail: (_request, response, error) =>
        send(response, gatewayError(error.status, error.message)),
    };
  }

  #find(request: LocalRequest) {
    const [, apiId = '', path = '/'] = /^\/_api\/([^/]+)(\/.*)?$/.exec(request.rawPath) ?? [];
    const api = this.#apis.get(apiId);
    if (api === undefined || api.region !== request.region) {
      return undefined;
    }
    const found = matchRoute(api.routes, request.method, path);
    return found === undefined ? undefined : { ...found, apiId, path };
  }

  async #answer(request: LocalRequest): Promise<ProxyResponse> {
    const found = this.#find(request);
    if (found === undefined) {
      return gatewayError(404, 'Not Found');
    }
    const event = proxyEventOf({
      request,
      apiId: found.apiId,
      routeKey: found.match.route.key,
      path: found.path,
      pathParameters: found.pathParameters,
      body: await readBody(request.body),
      now: this.#clock.now(),
    });
    const outcome = await this.#invokeWithin(found.match, JSON.stringify(event));
    if (outcome === 'too late') {
      return gatewayError(503, 'Service Unavailable');
    }
    return outcome.functionError === undefined
      ? proxyResponseOf(outcome.payload)
      : gatewayError(500, 'Internal Server Error');
  }

  async #invokeWithin(route: ApiRoute, payload: string): Promise<InvocationOutcome | 'too late'> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<'too late'>((resolve) => {
      timer = setTimeout(() => resolve('too late'), route.timeoutMs);
    });
    try {
      return await Promise.race([this.#invoke(route.functionArn, payload), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function send(response: ServerResponse, answer: ProxyResponse): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  response.end(answer.body);
}
