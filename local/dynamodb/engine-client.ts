import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { readBody } from '../gateway/json-protocol.ts';

/** The engine's answer, whole. */
export interface EngineAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends calls to the engine over connections that are kept open. */
export interface EngineClient {
  /**
   * @param target - `DynamoDB_20120810.PutItem`.
   * @throws Error when the engine cannot be reached or cuts the connection.
   */
  call(target: string, body: Buffer): Promise<EngineAnswer>;
  close(): void;
}

/** Calls in flight at once; more wait for a free connection. */
const MAX_CONNECTIONS = 64;

/**
 * The engine checks that a call looks signed but not the signature: the gateway has done that. One
 * key and one Region for all calls make it keep one set of tables.
 */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20120810/us-east-1/dynamodb/aws4_request, ' +
  'SignedHeaders=host, Signature=0';

export function createEngineClient(port: number): EngineClient {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  return {
    call: (target, body) =>
      new Promise((resolve, reject) => {
        const headers = {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': body.length,
          'x-amz-target': target,
          'x-amz-date': '20120810T000000Z',
          authorization: AUTHORIZATION,
        };
        const options = { agent, host: '127.0.0.1', port, method: 'POST', path: '/', headers };
        const outgoing = request(options, (incoming) => {
          readBody(incoming).then((answer) => {
            const { statusCode = 500, headers: received } = incoming;
            resolve({ status: statusCode, headers: received, body: answer });
          }, reject);
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}
