import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATOR, recordingService, startTestGateway } from './gateway-fixture.ts';
import { presign, signHeaders } from './sign-request.ts';

const s3Service = recordingService('s3');
let local: Awaited<ReturnType<typeof startTestGateway>>;

beforeAll(async () => {
  local = await startTestGateway(() => [s3Service]);
});
afterAll(() => local.close());

describe('the time of a request', () => {
  const signedAt = (date: Date): Promise<Response> => {
    const host = new URL(local.endpoint).host;
    const headers = signHeaders({
      ...OPERATOR,
      service: 's3',
      method: 'GET',
      host,
      path: '/b/k',
      date,
    });
    return fetch(`${local.endpoint}/b/k`, { headers });
  };

  test('more than 15 minutes off is RequestTimeTooSkewed', async () => {
    expect((await signedAt(new Date(Date.now() - 14 * 60_000))).status).toBe(200);
    const response = await signedAt(new Date(Date.now() - 16 * 60_000));
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>RequestTimeTooSkewed</Code>');
  });

  test('may follow either clock after a move, and the answer bears the same', async () => {
    const moved = await startTestGateway(() => [recordingService('s3')]);
    try {
      await moved.clock.moveTo(new Date(Date.now() + 400 * 86_400_000));
      const client = new S3Client({
        region: 'eu-central-1',
        endpoint: moved.endpoint,
        forcePathStyle: true,
        maxAttempts: 1,
        credentials: OPERATOR,
      });
      await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
      expect(Math.abs(client.config.systemClockOffset)).toBeLessThan(60_000);
      client.config.systemClockOffset = 400 * 86_400_000;
      await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
      expect(client.config.systemClockOffset).toBeGreaterThan(399 * 86_400_000);
    } finally {
      await moved.close();
    }
  });
});

describe('a presigned URL', () => {
  const url = (over: { date?: Date; expires?: number; extra?: string } = {}): string =>
    presign({
      ...OPERATOR,
      endpoint: local.endpoint,
      path: '/bucket/key',
      date: over.date ?? new Date(),
      expires: over.expires ?? 60,
      extra: over.extra ?? '',
    });

  test('is accepted without its signature, x-amz- parameters as headers', async () => {
    const extra = 'x-amz-object-lock-mode=COMPLIANCE&x-id=PutObject';
    const response = await fetch(url({ extra }), { method: 'GET' });
    expect(response.status).toBe(200);
    const request = s3Service.requests.at(-1);
    expect(request?.rawQuery).toBe('x-id=PutObject');
    expect(request?.headers['x-amz-object-lock-mode']).toBe('COMPLIANCE');
    expect(request?.payloadHash).toBe('UNSIGNED-PAYLOAD');
  });

  test.each([
    ['expired', { date: new Date(Date.now() - 61_000), expires: 60 }, 'Request has expired'],
    ['not valid yet', { date: new Date(Date.now() + 3_600_000) }, 'Request is not valid yet'],
    ['good for too long', { expires: 604_801 }, 'less than a week'],
  ])('is refused when %s', async (_name, over, message) => {
    const response = await fetch(url(over));
    expect(response.ok).toBe(false);
    expect(await response.text()).toContain(message);
  });

  test('is refused when a parameter was changed', async () => {
    const response = await fetch(url().replace('/bucket/key', '/bucket/other'));
    expect(await response.text()).toContain('SignatureDoesNotMatch');
  });

  test('expires by the embedded clock when a function signed it there', async () => {
    const moved = await startTestGateway(() => [recordingService('s3')]);
    try {
      await moved.clock.moveTo(new Date(Date.now() + 30 * 86_400_000));
      const link = presign({
        ...OPERATOR,
        endpoint: moved.endpoint,
        path: '/b/k',
        date: moved.clock.now(),
        expires: 3600,
        extra: '',
      });
      expect((await fetch(link)).status).toBe(200);
      await moved.clock.moveTo(new Date(moved.clock.now().getTime() + 3_601_000));
      expect((await fetch(link)).status).toBe(403);
    } finally {
      await moved.close();
    }
  });
});
