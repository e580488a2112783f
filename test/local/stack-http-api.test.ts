import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchRoute, parseRouteKey } from '../../local/http-api/match-route.ts';
import { proxyResponseOf } from '../../local/http-api/proxy-response.ts';
import { signHeaders } from './sign-request.ts';
import { ACCOUNT, functionArn, functionNamed, TestApp } from './stack-app.ts';

const ECHO = `export const handler = async (event) => {
  if (event.queryStringParameters?.crash) throw new Error('secret detail');
  return { statusCode: 201, headers: { 'X-Kind': 'echo', 'content-type': 'application/json' },
    cookies: ['a=1', 'b=2'], body: JSON.stringify(event) };
};`;

function route(key: string): Record<string, object> {
  const id = key.replaceAll(/\W/g, '');
  return {
    [`${id}Integration`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: functionArn('echo'),
        PayloadFormatVersion: '2.0',
      },
    },
    [id]: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        AuthorizationType: 'AWS_IAM',
        RouteKey: key,
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: `${id}Integration` }]] },
      },
    },
  };
}

const app = new TestApp([
  {
    name: 'api',
    code: { echo: ECHO },
    resources: {
      Echo: functionNamed('echo'),
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'a', ProtocolType: 'HTTP' } },
      ...route('POST /vaults/{vaultId}/backups'),
      ...route('GET /vaults/{vaultId}'),
    },
    outputs: { Url: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
  },
]);

beforeAll(async () => {
  await app.start();
});
afterAll(async () => await app.remove());

async function call(
  method: string,
  path: string,
  options: { query?: string; body?: string; user?: string } = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const { query = '', body, user = 'operator' } = options;
  const url = new URL(`${app.aws.apiUrl}${path}${query === '' ? '' : `?${query}`}`);
  const headers = signHeaders({
    accessKeyId: user,
    secretAccessKey: `${user}-secret`,
    service: 'execute-api',
    method,
    host: url.host,
    path: url.pathname,
    query,
    ...(body === undefined ? {} : { body }),
    date: app.aws.clock.now(),
  });
  const answer = await fetch(url, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown>,
  };
}

describe('an HTTP API', () => {
  test('is where its stack output says', () => {
    expect(app.aws.outputs.api?.Url).toBe(app.aws.apiUrl);
  });

  test('hands the request to the function with the identity of the signature', async () => {
    const answer = await call('POST', '/vaults/01ABC/backups', {
      query: 'dry=1',
      body: '{"why":"test"}',
      user: 'supervisor',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-kind')).toBe('echo');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answer.body).toMatchObject({
      version: '2.0',
      routeKey: 'POST /vaults/{vaultId}/backups',
      rawPath: '/vaults/01ABC/backups',
      rawQueryString: 'dry=1',
      queryStringParameters: { dry: '1' },
      pathParameters: { vaultId: '01ABC' },
      body: '{"why":"test"}',
      isBase64Encoded: false,
      requestContext: {
        accountId: ACCOUNT,
        stage: '$default',
        http: { method: 'POST', path: '/vaults/01ABC/backups' },
        authorizer: {
          iam: {
            userArn: `arn:aws:iam::${ACCOUNT}:user/supervisor`,
            accessKey: 'supervisor',
            accountId: ACCOUNT,
          },
        },
      },
    });
  });

  test('answers 404 to a route it has not', async () => {
    const answer = await call('DELETE', '/vaults/01ABC');
    expect([answer.status, answer.body]).toEqual([404, { message: 'Not Found' }]);
  });

  test('answers 500 without details when the function fails', async () => {
    const answer = await call('GET', '/vaults/01ABC', { query: 'crash=1' });
    expect([answer.status, answer.body]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  test('refuses an unsigned request and an unknown key', async () => {
    const unsigned = await fetch(`${app.aws.apiUrl}/vaults/01ABC`);
    expect(unsigned.status).toBe(403);
    expect((await call('GET', '/vaults/01ABC', { user: 'stranger' })).status).toBe(403);
  });
});

describe('routes', () => {
  const routes = [
    'GET /vaults/{vaultId}',
    'GET /vaults/due',
    'ANY /vaults/{vaultId}',
    'GET /files/{path+}',
    '$default',
  ].map((key) => ({ route: parseRouteKey(key) }));

  test.each([
    ['GET', '/vaults/7', 'GET /vaults/{vaultId}', { vaultId: '7' }],
    ['GET', '/vaults/a%20b', 'GET /vaults/{vaultId}', { vaultId: 'a b' }],
    ['GET', '/vaults/due', 'GET /vaults/due', {}],
    ['PUT', '/vaults/7', 'ANY /vaults/{vaultId}', { vaultId: '7' }],
    ['GET', '/files/a/b', 'GET /files/{path+}', { path: 'a/b' }],
    ['POST', '/other', '$default', {}],
  ])('%s %s is %s', (method, path, key, parameters) => {
    const found = matchRoute(routes, method, path);
    expect(found?.match.route.key).toBe(key);
    expect(found?.pathParameters).toEqual(parameters);
  });
});

describe("a function's answer", () => {
  test.each([
    ['{"ok":true}', 200, 'application/json', '{"ok":true}'],
    ['"plain"', 200, 'application/json', 'plain'],
    ['{"statusCode":204}', 204, 'text/plain; charset=utf-8', ''],
    [
      '{"statusCode":200,"body":"aGk=","isBase64Encoded":true}',
      200,
      'text/plain; charset=utf-8',
      'hi',
    ],
    ['{"statusCode":"odd"}', 500, 'application/json', '{"message":"Internal Server Error"}'],
  ])('%s becomes %i', (payload, status, type, body) => {
    const response = proxyResponseOf(payload);
    expect([response.status, response.headers['content-type'], response.body.toString()]).toEqual([
      status,
      type,
      body,
    ]);
  });
});
