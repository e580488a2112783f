/** A route of an HTTP API: `GET /vaults/{vaultId}`, `ANY /x`, `$default`; `{proxy+}` is greedy. */
export interface HttpRoute {
  readonly key: string;
  readonly method: string;
  readonly segments: readonly string[];
}

/** Splits a route key of `AWS::ApiGatewayV2::Route`. */
export function parseRouteKey(key: string): HttpRoute {
  if (key === '$default') {
    return { key, method: 'ANY', segments: ['{proxy+}'] };
  }
  const [method = 'ANY', path = '/'] = key.split(' ');
  return { key, method, segments: path.split('/').filter((segment) => segment !== '') };
}

/**
 * Finds the route for a request: fixed segments win over `{name}`, `{name}` over `{name+}`, a
 * stated method over `ANY`, `$default` comes last.
 * @returns the route with its decoded path parameters.
 */
export function matchRoute<Route extends { readonly route: HttpRoute }>(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly match: Route; readonly pathParameters: Record<string, string> } | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  const ranked = [...routes].sort((left, right) => (rank(left.route) < rank(right.route) ? -1 : 1));
  for (const match of ranked) {
    if (match.route.method !== 'ANY' && match.route.method !== method) continue;
    const pathParameters = matchSegments(match.route.segments, segments);
    if (pathParameters !== undefined) {
      return { match, pathParameters: match.route.key === '$default' ? {} : pathParameters };
    }
  }
  return undefined;
}

function rank(route: HttpRoute): string {
  const perSegment = route.segments.map((segment) => {
    if (segment.endsWith('+}')) return '2';
    return segment.startsWith('{') ? '1' : '0';
  });
  const isDefault = route.key === '$default' ? '1' : '0';
  return `${isDefault}${perSegment.join('')}${route.method === 'ANY' ? 'z' : ''}`;
}

function matchSegments(
  pattern: readonly string[],
  actual: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    if (expected.endsWith('+}')) {
      parameters[expected.slice(1, -2)] = actual.slice(index).map(decode).join('/');
      return parameters;
    }
    const value = actual[index];
    if (value === undefined) return undefined;
    if (expected.startsWith('{')) parameters[expected.slice(1, -1)] = decode(value);
    else if (expected !== decode(value)) return undefined;
  }
  return actual.length === pattern.length ? parameters : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
