import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATOR, recordingService, startTestGateway } from './gateway-fixture.ts';
import { signHeaders } from './sign-request.ts';

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

const s3Service = recordingService('s3');
const jsonService = recordingService('dynamodb');
const restService = recordingService('execute-api');
let local: Awaited<ReturnType<typeof startTestGateway>>;

beforeAll(async () => {
  local = await startTestGateway(() => [s3Service, jsonService, restService]);
});
afterAll(() => local.close());

function s3(credentials: Credentials = OPERATOR): S3Client {
  return new S3Client({
    region: 'eu-central-1',
    endpoint: local.endpoint,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
  });
}

function dynamoDb(credentials: Credentials = OPERATOR): DynamoDBClient {
  return new DynamoDBClient({
    region: 'eu-west-1',
    endpoint: local.endpoint,
    maxAttempts: 1,
    credentials,
  });
}

describe('a signed request', () => {
  test('reaches the service of its scope with Region and identity', async () => {
    await dynamoDb().send(new ListTablesCommand({}));
    const seen = jsonService.requests.at(-1);
    expect(seen?.region).toBe('eu-west-1');
    expect(seen?.identity).toEqual({
      accountId: '111122223333',
      accessKeyId: 'operator',
      arn: 'arn:aws:iam::111122223333:user/operator',
    });
    expect(jsonService.bodies.at(-1)).toBe('{}');
  });

  test.each([
    'plain/key.txt',
    'with space & (signs)!*\'"=+,;@$.txt',
    'unicode/合同/ü.pdf',
    'percent%20literal%2F',
    'dots/../and//slashes/./',
  ])('with the key %s is accepted with its path as sent', async (key) => {
    await s3().send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
    const path = s3Service.requests.at(-1)?.rawPath ?? '';
    expect(decodeURIComponent(path)).toBe(`/bucket/${key}`);
  });

  test('passes a streamed body through unread, with the seed for its chunks', async () => {
    const Body = Readable.from([Buffer.from('streamed')]);
    await s3().send(
      new PutObjectCommand({
        Bucket: 'bucket',
        Key: 'k',
        Body,
        ContentLength: 8,
        Metadata: { a: 'b  c' },
      }),
    );
    const seen = s3Service.requests.at(-1);
    expect(seen?.payloadHash).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER');
    expect(s3Service.bodies.at(-1)).toContain('streamed');
    expect(seen?.signature.seedSignature).toMatch(/^[0-9a-f]{64}$/);
    expect(seen?.signature.credentialScope).toMatch(/^\d{8}\/eu-central-1\/s3\/aws4_request$/);
    expect(seen?.signature.signingKey).toHaveLength(32);
  });

  test('of another service signs its path normalised and encoded twice', async () => {
    const path = '/clients//x/../01A%2Fb';
    const headers = signHeaders({
      ...OPERATOR,
      service: 'execute-api',
      method: 'POST',
      host: new URL(local.endpoint).host,
      path: '/clients/01A%252Fb',
      query: 'a=%2F&b=2',
      body: '{"x":1}',
      date: new Date(),
    });
    const status = await new Promise((resolve, reject) => {
      const { hostname, port } = new URL(local.endpoint);
      const options = { hostname, port, method: 'POST', path: `${path}?b=2&a=%2F`, headers };
      request(options, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end('{"x":1}');
    });
    expect(status).toBe(200);
    expect(restService.requests.at(-1)?.rawPath).toBe(path);
  });

  test('answers with the embedded clock and a request id', async () => {
    const response = await fetch(`${local.endpoint}/bucket/key`);
    const difference = Date.parse(response.headers.get('date') ?? '') - local.clock.now().getTime();
    expect(Math.abs(difference)).toBeLessThan(2_000);
    expect(response.headers.get('x-amz-request-id')).toMatch(/^[0-9A-F]{16}$/);
  });

  test('of a role session needs its token', async () => {
    const issued = local.credentials.issueForRole(
      'arn:aws:iam::111122223333:role/p/Writer',
      'run-1',
    );
    await dynamoDb(issued).send(new ListTablesCommand({}));
    expect(jsonService.requests.at(-1)?.identity.arn).toBe(
      'arn:aws:sts::111122223333:assumed-role/Writer/run-1',
    );
    const { accessKeyId, secretAccessKey } = issued;
    await expect(
      dynamoDb({ accessKeyId, secretAccessKey }).send(new ListTablesCommand({})),
    ).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });
});

describe('a request is refused', () => {
  test('unsigned, in the form the caller can read', async () => {
    const xml = await fetch(`${local.endpoint}/bucket`);
    expect(xml.status).toBe(403);
    expect(await xml.text()).toContain('<Code>MissingAuthenticationToken</Code>');
    const headers = { 'x-amz-target': 'TrentService.Decrypt' };
    const json = await fetch(local.endpoint, { method: 'POST', headers, body: '{}' });
    expect(json.status).toBe(403);
    expect(await json.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  test('with an unknown access key', async () => {
    const nobody = { accessKeyId: 'nobody', secretAccessKey: 'x' };
    const get = s3(nobody).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    await expect(get).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    await expect(dynamoDb(nobody).send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('with a wrong signature', async () => {
    const wrong = { accessKeyId: 'operator', secretAccessKey: 'wrong' };
    const get = s3(wrong).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    await expect(get).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(dynamoDb(wrong).send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('when a JSON body was changed after signing', async () => {
    const host = new URL(local.endpoint).host;
    const date = new Date();
    const scope = { ...OPERATOR, service: 'dynamodb', method: 'POST', host, path: '/', date };
    const headers = signHeaders({ ...scope, body: '{"a":1}' });
    const response = await fetch(local.endpoint, { method: 'POST', headers, body: '{"a":2}' });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ __type: 'InvalidSignatureException' });
  });

  test('for a service that is not there, naming those that are', async () => {
    const host = new URL(local.endpoint).host;
    const date = new Date();
    const headers = signHeaders({
      ...OPERATOR,
      service: 'sqs',
      method: 'GET',
      host,
      path: '/',
      date,
    });
    const response = await fetch(local.endpoint, { headers });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain('no service sqs; it has dynamodb, execute-api, s3');
  });

  test('with an x-amz- header outside the signature', async () => {
    const host = new URL(local.endpoint).host;
    const date = new Date();
    const headers = signHeaders({
      ...OPERATOR,
      service: 's3',
      method: 'GET',
      host,
      path: '/b/k',
      date,
    });
    const response = await fetch(`${local.endpoint}/b/k`, {
      headers: { ...headers, 'x-amz-bypass-governance-retention': 'true' },
    });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('x-amz-bypass-governance-retention');
  });

  test.each([
    ['AWS operator:abc', 'not supported'],
    ['AWS4-HMAC-SHA256 Credential=operator/20300101/s3/aws4_request', 'Credential must be'],
    [
      'AWS4-HMAC-SHA256 Credential=o/20300101/r/s3/aws4_request, SignedHeaders=host, Signature=zz',
      'Signature must be',
    ],
  ])('with the unreadable authorization %s', async (authorization, message) => {
    const response = await fetch(`${local.endpoint}/b`, { headers: { authorization } });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(message);
  });
});

describe('a body', () => {
  const put = (secretAccessKey: string, headers: Record<string, string> = {}) => {
    const { host, hostname, port } = new URL(local.endpoint);
    const signer = { accessKeyId: 'operator', secretAccessKey, date: new Date() };
    const scope = { service: 's3', method: 'PUT', host, path: '/b/k', body: 'body' };
    const signed = signHeaders({ ...signer, ...scope });
    const sent = { ...signed, 'content-length': '4', ...headers };
    return request({ hostname, port, method: 'PUT', path: '/b/k', headers: sent });
  };

  test.each([
    ['operator-secret', 200, true],
    ['wrong', 403, false],
  ])('waits for 100-continue, which %s gets as %i', async (secret, status, continued) => {
    const sent = put(secret, { expect: '100-continue' });
    let invited = false;
    sent.on('continue', () => {
      invited = true;
      sent.end('body');
    });
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    expect([response.statusCode, invited]).toEqual([status, continued]);
    sent.destroy();
  });

  test('cut by the client is nobody’s error', async () => {
    const before = local.errors.length;
    const sent = put('operator-secret', { 'content-length': '400' });
    sent.on('error', () => undefined);
    sent.write('body');
    await new Promise((resolve) => setImmediate(resolve));
    const closed = new Promise((resolve) => sent.on('close', resolve));
    sent.destroy();
    await closed;
    await fetch(`${local.endpoint}/_local/health`);
    expect(local.errors).toHaveLength(before);
  });

  test('of a JSON service is limited to 20 MiB', async () => {
    const headers = signHeaders({
      ...OPERATOR,
      service: 'dynamodb',
      method: 'POST',
      host: new URL(local.endpoint).host,
      path: '/',
      date: new Date(),
    });
    const body = Buffer.alloc(20 * 1024 * 1024 + 1);
    const response = await fetch(local.endpoint, { method: 'POST', headers, body });
    expect(response.status).toBe(413);
  });

  test('of S3 must state its hash, unless there is none', async () => {
    const signed = { ...OPERATOR, service: 's3', host: new URL(local.endpoint).host, path: '/b/k' };
    const date = new Date();
    const get = signHeaders({ ...signed, method: 'GET', date, omitHash: true });
    expect((await fetch(`${local.endpoint}/b/k`, { headers: get })).status).toBe(200);
    const headers = signHeaders({ ...signed, method: 'PUT', body: 'x', date, omitHash: true });
    const response = await fetch(`${local.endpoint}/b/k`, { method: 'PUT', headers, body: 'x' });
    expect(await response.text()).toContain('x-amz-content-sha256');
  });
});
