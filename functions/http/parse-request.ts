import type { z } from 'zod';
import { describeProblems } from '../../shared/admin-api/describe-problems.ts';
import {
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  ROUTE_INPUTS,
} from '../../shared/admin-api/route-inputs.ts';
import type { RouteName } from '../../shared/admin-api/routes.ts';
import { HoldfastError } from '../../shared/domain/errors.ts';
import { type IdKind, requireId } from '../../shared/domain/ids.ts';

/** What a function reads of a request: API Gateway's payload format 2.0. */
export interface HttpRequest {
  readonly routeKey: string;
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly requestId: string;
    readonly authorizer?: { readonly iam?: { readonly userArn?: string } };
  };
}

/** A request that passed every check. */
export interface RouteRequest<R extends RouteName> {
  /** ARN of the caller. */
  readonly actor: string;
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
}

/**
 * Largest body in bytes. The largest valid one, a restore with 100 patterns of 1024 characters,
 * has 400 KiB when each takes 4 bytes of UTF-8.
 */
const MAX_BODY_BYTES = 512 * 1024;

/**
 * Checks a request against its route's schemas.
 * @throws HoldfastError `NOT_AUTHENTICATED`, `ID_INVALID`, `INPUT_INVALID` naming the fields.
 */
export function parseRequest<R extends RouteName>(route: R, request: HttpRequest): RouteRequest<R> {
  const actor = request.requestContext.authorizer?.iam?.userArn;
  if (actor === undefined || actor === '') {
    throw new HoldfastError('NOT_AUTHENTICATED', {});
  }
  const inputs = ROUTE_INPUTS[route];
  const body = inputs.body.type === 'undefined' ? undefined : parseJson(request);
  return {
    actor,
    params: parseIds(request.pathParameters ?? {}) as ParamsOf<R>,
    query: check(inputs.query, request.queryStringParameters ?? {}, 'the query') as QueryOf<R>,
    body: check(inputs.body, body, 'the body') as BodyOf<R>,
  };
}

/** What may have a name instead of an id; only what exists is found by it. */
const NAMED = ['policyId', 'presetId', 'chainId'];

/** Every path parameter is an id, named after what it identifies, or a name. */
function parseIds(params: NonNullable<HttpRequest['pathParameters']>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (NAMED.includes(name)) {
        return [name, value ?? ''];
      }
      const kind = name.replace(/Id$/, '') as IdKind;
      return [name, requireId(kind, value ?? '')];
    }),
  );
}

function parseJson({ body = '', isBase64Encoded = false }: HttpRequest): unknown {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    const problems = `the body must be at most ${MAX_BODY_BYTES} bytes`;
    throw new HoldfastError('INPUT_INVALID', { problems });
  }
  if (bytes.length === 0) {
    return {};
  }
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's message quotes the input, which may hold a name: it is not passed on.
    throw new HoldfastError('INPUT_INVALID', { problems: 'the body is not JSON' });
  }
}

function check(schema: z.ZodType, value: unknown, whole: string): unknown {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new HoldfastError('INPUT_INVALID', { problems: describeProblems(parsed.error, whole) });
  }
  return parsed.data;
}
