/** Tries of one call, the first included, with the SDK's growing pauses: about 5 s in all. */
const MAX_ATTEMPTS = 5;
/** To open a connection; a Region that is down is noticed soon. */
const CONNECTION_TIMEOUT_MS = 3_000;
/** Until an answer begins. 16 MiB, the largest request, take 60 s at 2.2 Mbit/s. */
const REQUEST_TIMEOUT_MS = 60_000;
/** A connection on which nothing moves. Longer than a reader pauses while it writes a part. */
const SOCKET_TIMEOUT_MS = 120_000;
/** A function that is waited for may run 15 minutes, the most Lambda allows. */
export const INVOKE_TIMEOUT_MS = 905_000;

/** For tests that bring their own endpoint and credentials. */
export interface AwsClientOverrides {
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * What every client is made with. Credentials and endpoint come from where the SDK always takes
 * them, `AWS_ENDPOINT_URL` included.
 */
export function settings(
  region: string,
  overrides: AwsClientOverrides,
  timeout = REQUEST_TIMEOUT_MS,
) {
  return {
    region,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: timeout,
      throwOnRequestTimeout: true,
      socketTimeout: Math.max(SOCKET_TIMEOUT_MS, timeout),
    },
    ...overrides,
  };
}

/** Makes each Region's client once. */
export function perRegion<Client>(make: (region: string) => Client): (region: string) => Client {
  const clients = new Map<string, Client>();
  return (region) => {
    const client = clients.get(region) ?? make(region);
    clients.set(region, client);
    return client;
  };
}
