import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import { type S3ForTest, TEST_REGION } from './s3-for-test.ts';

/** SHA-256 in the form the signer wants. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | Uint8Array | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac(
            'sha256',
            typeof secret === 'string' ? secret : Buffer.from(secret as Uint8Array),
          );
  }

  update(data: string | Uint8Array | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : Buffer.from(data as Uint8Array));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

/** A request the SDK would not send: its headers are signed as they are. */
export interface RawRequest {
  readonly method: string;
  /** Percent-encoded, without a query. */
  readonly path: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/** Signs a request for the test S3 and sends it. `x-amz-content-sha256` defaults to unsigned. */
export async function sendRawS3(
  s3: S3ForTest,
  raw: RawRequest,
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const { hostname, port, host } = new URL(s3.endpoint);
  const body = Buffer.from(raw.body ?? '');
  const query = raw.query ?? {};
  const signer = new SignatureV4({
    service: 's3',
    region: TEST_REGION,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator-secret' },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const signed = await signer.sign({
    protocol: 'http:',
    hostname,
    port: Number(port),
    method: raw.method,
    path: raw.path,
    query,
    headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...raw.headers },
  });
  const search = new URLSearchParams(query).toString();
  const { promise, resolve, reject } =
    Promise.withResolvers<Awaited<ReturnType<typeof sendRawS3>>>();
  const outgoing = httpRequest(
    {
      hostname,
      port,
      method: raw.method,
      path: search === '' ? raw.path : `${raw.path}?${search}`,
      headers: { ...signed.headers, 'content-length': body.length },
    },
    async (response) => {
      const pieces: Buffer[] = [];
      for await (const piece of response) {
        pieces.push(piece);
      }
      const text = Buffer.concat(pieces).toString();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}
