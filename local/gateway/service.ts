import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

/** Who signed a request. `arn` is what IAM would report: a user's ARN or an assumed role's. */
export interface Identity {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly arn: string;
}

/** What the verification of chunk signatures in an `aws-chunked` body needs. */
export interface SignatureScope {
  /** The SigV4 signing key derived for date, Region and service. */
  readonly signingKey: Buffer;
  /** `20261123/eu-central-1/s3/aws4_request`. */
  readonly credentialScope: string;
  /** `20261123T101112Z`. */
  readonly timestamp: string;
  /** Hex signature of the request's head, the seed of the first chunk's signature. */
  readonly seedSignature: string;
}

/** A request whose signature over head and query has been verified. The body is unread. */
export interface LocalRequest {
  readonly id: string;
  readonly method: string;
  readonly host: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly rawPath: string;
  /** Query as sent, without `?`; signature parameters of a presigned URL are already removed. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Service name and Region of the SigV4 credential scope. */
  readonly service: string;
  readonly region: string;
  readonly identity: Identity;
  readonly signature: SignatureScope;
  /** `x-amz-content-sha256` as sent; `UNSIGNED-PAYLOAD` for a presigned URL. */
  readonly payloadHash: string;
  readonly body: Readable;
}

/** One AWS service behind the gateway. It writes the whole response, errors included. */
export interface LocalService {
  /** SigV4 service names it answers for, such as `['s3']`. */
  readonly signingNames: readonly string[];
  /**
   * Name of the AWS operation a request asks for (`PutObject`, `Decrypt`), used to match planned
   * faults; `undefined` when the request names none that exists.
   */
  operationOf(request: LocalRequest): string | undefined;
  handle(request: LocalRequest, response: ServerResponse): Promise<void>;
  /** Writes an error in this service's own wire form (XML for S3, JSON for the others). */
  fail(request: LocalRequest, response: ServerResponse, error: LocalAwsError): void;
  stop?(): Promise<void>;
}

/** An error that goes to the client as AWS would send it. */
export class LocalAwsError extends Error {
  override readonly name = 'LocalAwsError';
  readonly code: string;
  readonly status: number;
  /** Further elements of the error body, such as `{ BucketName: 'x' }`. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(
    code: string,
    status: number,
    message: string,
    fields: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
