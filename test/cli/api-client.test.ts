import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { apiClient, type CallApi } from '../../cli/api-client.ts';
import { CliError } from '../../cli/cli-error.ts';
import { signerFor } from '../../cli/sign-request.ts';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

const VAULT = '01KB1T8R9ZJ4Y6V3N5M2X9W0RC';
const CREDENTIALS = { accessKeyId: 'operator', secretAccessKey: 'operator-secret' };

function clientOf(api: ApiFixture, waits: number[] = []): CallApi {
  const sign = signerFor('eu-central-1', CREDENTIALS);
  const sleep = async (milliseconds: number) => void waits.push(milliseconds);
  return apiClient({ apiUrl: api.url, sign, sleep });
}

describe('the request', () => {
  test('goes to the route of the table, its ids filled in, below the path of the API', async () => {
    await using api = await apiFixture({ status: 200, body: {} });
    await clientOf(api)('showSnapshot', { params: { vaultId: VAULT, snapshotId: VAULT } });
    expect(api.seen[0]).toMatchObject({
      method: 'GET',
      url: `/_api/abc/vaults/${VAULT}/snapshots/${VAULT}`,
      body: '',
    });
  });

  test('carries the query, without what was not given', async () => {
    await using api = await apiFixture({ status: 200, body: {} });
    await clientOf(api)('showAudit', { params: { chainId: VAULT }, query: { limit: 5 } });
    expect(api.seen[0]?.url).toBe(`/_api/abc/audit/${VAULT}?limit=5`);
  });

  test('carries its body as JSON', async () => {
    await using api = await apiFixture({ status: 200, body: {} });
    const body = { name: '莲花贸易', reference: 'C-1' };
    await clientOf(api)('addClient', { params: {}, body });
    expect(api.seen[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(api.seen[0]?.body ?? '')).toEqual(body);
  });

  test('has the signature of Signature Version 4 for execute-api in the Region', async () => {
    await using api = await apiFixture({ status: 200, body: {} });
    const body = { name: '莲花贸易', reference: 'C-1' };
    await clientOf(api)('addClient', { params: {}, body });
    const seen = api.seen[0];
    const { authorization = '', host = '' } = seen?.headers ?? {};
    expect(authorization).toMatch(/Credential=operator\/\d{8}\/eu-central-1\/execute-api\//);
    const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
    expect(names).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'content-type']));

    const date = String(seen?.headers['x-amz-date']);
    const signer = new SignatureV4({
      service: 'execute-api',
      region: 'eu-central-1',
      credentials: CREDENTIALS,
      sha256: ReferenceSha256,
    });
    const again = await signer.sign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname: '127.0.0.1',
        path: seen?.url ?? '',
        query: {},
        headers: { 'content-type': 'application/json', host },
        body: seen?.body,
      },
      {
        signingDate: new Date(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')),
      },
    );
    expect(again.headers.authorization).toBe(authorization);
    expect(seen?.headers['x-amz-content-sha256']).toBe(
      createHash('sha256')
        .update(seen?.body ?? '')
        .digest('hex'),
    );
  });
});

describe('an error', () => {
  test('of a function keeps code, message, next step and request id', async () => {
    const body = {
      error: 'VAULT_HELD',
      message: 'It is held.',
      next: 'Lift it.',
      requestId: 'r-1',
    };
    await using api = await apiFixture({ status: 403, body });
    const error = await failureOf(clientOf(api)('showVault', { params: { vaultId: VAULT } }));
    expect(error).toMatchObject({
      code: 'VAULT_HELD',
      message: 'It is held. (request r-1)',
      next: 'Lift it.',
      exitCode: 5,
    });
  });

  test('of API Gateway itself, which names no fault, is told by its status', async () => {
    await using api = await apiFixture({ status: 403, body: { message: 'Forbidden' } });
    const error = await failureOf(clientOf(api)('showVault', { params: { vaultId: VAULT } }));
    expect(error).toMatchObject({ code: 'API_REFUSED', message: 'Forbidden', exitCode: 5 });
    expect(error.next).toContain('policy');
  });

  test('about credentials says to check them, not the policy', async () => {
    const message = 'The security token included in the request is invalid.';
    await using api = await apiFixture({ status: 403, body: { message } });
    const error = await failureOf(clientOf(api)('listPolicies', { params: {} }));
    expect(error).toMatchObject({ message, exitCode: 5 });
    expect(error.next).toContain('credentials');
  });

  test('about a path that does not exist says to check the address', async () => {
    await using api = await apiFixture({ status: 404, body: { message: 'Not Found' } });
    const error = await failureOf(clientOf(api)('listPolicies', { params: {} }));
    expect(error).toMatchObject({ code: 'API_UNKNOWN', exitCode: 2 });
    expect(error.next).toContain('HOLDFAST_API_URL');
  });

  test('that nobody foresaw ends with 1 and is not asked again', async () => {
    const body = { error: 'UNEXPECTED', message: 'Oh.', next: 'See logs.', requestId: 'r-2' };
    await using api = await apiFixture({ status: 500, body });
    const error = await failureOf(clientOf(api)('listPolicies', { params: {} }));
    expect(error.exitCode).toBe(1);
    expect(api.seen).toHaveLength(1);
  });

  test('is reported when what answers is not the admin API', async () => {
    await using api = await apiFixture({ status: 200, text: '<html>' });
    const error = await failureOf(clientOf(api)('listPolicies', { params: {} }));
    expect(error).toMatchObject({ code: 'API_UNKNOWN', exitCode: 2 });
  });
});

describe('a question that is not answered', () => {
  test('is asked again, and succeeds when it is answered then', async () => {
    const waits: number[] = [];
    const busy = { status: 503, body: { message: 'Service Unavailable' } };
    await using api = await apiFixture('drop', busy, { status: 200, body: { policies: [] } });
    const answer = await clientOf(api, waits)('listPolicies', { params: {} });
    expect(answer).toEqual({ policies: [] });
    expect(waits).toEqual([200, 1000]);
  });

  test('is given up after four tries', async () => {
    await using api = await apiFixture('drop');
    const error = await failureOf(clientOf(api)('listPolicies', { params: {} }));
    expect(error).toMatchObject({ code: 'API_UNREACHABLE', exitCode: 7 });
    expect(error.next).toContain('npm run local');
    expect(error.message).toMatch(/did not answer \((ECONNRESET|UND_ERR_SOCKET)\)/);
    expect(api.seen).toHaveLength(4);
  });

  test('is not asked again when it was to change something', async () => {
    await using api = await apiFixture('drop');
    const call = clientOf(api)('runBackup', { params: { vaultId: VAULT }, body: {} });
    expect(await failureOf(call)).toMatchObject({ code: 'API_UNREACHABLE' });
    expect(api.seen).toHaveLength(1);
  });
});

async function failureOf(call: Promise<unknown>): Promise<CliError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CliError);
  return error as CliError;
}

/** The hash of the check, written apart from the one under test. */
class ReferenceSha256 {
  #key: Uint8Array | undefined;
  #chunks: Uint8Array[] = [];

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret !== undefined) {
      this.#key = typeof secret === 'string' ? Buffer.from(secret) : Buffer.from(secret as never);
    }
  }

  update(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  async digest(): Promise<Uint8Array> {
    const data = Buffer.concat(this.#chunks);
    if (this.#key === undefined) {
      return createHash('sha256').update(data).digest();
    }
    // HMAC as RFC 2104 defines it; no key here is longer than a block.
    const block = Buffer.alloc(64);
    block.set(this.#key);
    const inner = createHash('sha256')
      .update(block.map((byte) => byte ^ 0x36))
      .update(data);
    const outer = createHash('sha256').update(block.map((byte) => byte ^ 0x5c));
    return outer.update(inner.digest()).digest();
  }

  reset(): void {
    this.#chunks = [];
  }
}
