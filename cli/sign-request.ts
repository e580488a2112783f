import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** AWS credentials, or a way to find them. */
export type Credentials = ConstructorParameters<typeof SignatureV4>[0]['credentials'];

/** An HTTP request to the admin API, before or after it was signed. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; absent for a GET. */
  readonly body?: string;
}

/** Adds the headers that say who calls. */
export type Sign = (request: ApiRequest) => Promise<ApiRequest>;

/**
 * Signs with AWS Signature Version 4 for API Gateway, as its IAM authorizer expects.
 * @param credentials - default: found by the AWS SDK's own chain, as every AWS tool does.
 */
export function signerFor(region: string, credentials: Credentials = sdkCredentials(region)): Sign {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  return async (request) => {
    const { url, method, body } = request;
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...request.headers, host: url.host },
      ...(body === undefined ? {} : { body }),
    });
    return { ...request, headers: signed.headers };
  };
}

/** The chain comes with every client of the SDK, loaded when it is needed; KMS is sent nothing. */
function sdkCredentials(region: string): Credentials {
  return async () => {
    const { KMSClient } = await import('@aws-sdk/client-kms');
    return new KMSClient({ region }).config.credentials();
  };
}

/** SHA-256, or with a secret its HMAC, in the shape the signer asks for. */
class Sha256 {
  readonly #secret: Secret | undefined;
  #state: Hash | Hmac;

  constructor(secret?: Secret) {
    this.#secret = secret;
    this.#state = this.#begin();
  }

  update(chunk: Uint8Array): void {
    this.#state.update(chunk);
  }

  async digest(): Promise<Uint8Array> {
    return this.#state.digest();
  }

  reset(): void {
    this.#state = this.#begin();
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined
      ? createHash('sha256')
      : createHmac('sha256', toBytes(this.#secret));
  }
}

type Secret = string | ArrayBuffer | ArrayBufferView;

function toBytes(data: Secret): Uint8Array {
  if (typeof data === 'string') {
    return Buffer.from(data, 'utf8');
  }
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
