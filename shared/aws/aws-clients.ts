import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMS } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';

/** Tries of one call, the first included, with the SDK's growing pauses: about 5 s in all. */
const MAX_ATTEMPTS = 5;
/** To open a connection; a Region that is down is noticed soon. */
const CONNECTION_TIMEOUT_MS = 3_000;
/** Until an answer begins. 16 MiB, the largest request, take 60 s at 2.2 Mbit/s. */
const REQUEST_TIMEOUT_MS = 60_000;
/** A connection on which nothing moves. Longer than a reader pauses while it writes a part. */
const SOCKET_TIMEOUT_MS = 120_000;
/** A function that is waited for may run 15 minutes, the most Lambda allows. */
const INVOKE_TIMEOUT_MS = 905_000;

/** The clients of all Regions, each made once. */
export interface AwsClients {
  s3(region: string): S3Client;
  /**
   * For reading copies. Whoever reads one compares all of it with a SHA-256 of our own. The SDK's
   * comparison would come first, and all it says of an altered object is that its stream broke.
   */
  s3OfCopy(region: string): S3Client;
  kms(region: string): KMS;
  dynamoDb(region: string): DynamoDBClient;
  lambda(region: string): LambdaClient;
  stepFunctions(region: string): SFNClient;
}

/**
 * Credentials and endpoint come from where the SDK always takes them, `AWS_ENDPOINT_URL` included.
 * S3 buckets are addressed in the path when the endpoint is an IP address (the SDK's own rule).
 * @param overrides - for tests that bring their own endpoint and credentials; default: none.
 */
export function awsClients(overrides: AwsClientOverrides = {}): AwsClients {
  return {
    s3: perRegion((region) => new S3Client(settings(region, overrides))),
    s3OfCopy: perRegion(
      (region) =>
        new S3Client({
          ...settings(region, overrides),
          responseChecksumValidation: 'WHEN_REQUIRED',
        }),
    ),
    kms: perRegion((region) => new KMS(settings(region, overrides))),
    dynamoDb: perRegion((region) => new DynamoDBClient(settings(region, overrides))),
    lambda: perRegion((region) => new LambdaClient(settings(region, overrides, INVOKE_TIMEOUT_MS))),
    stepFunctions: perRegion((region) => new SFNClient(settings(region, overrides))),
  };
}

export interface AwsClientOverrides {
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

function settings(region: string, overrides: AwsClientOverrides, timeout = REQUEST_TIMEOUT_MS) {
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

function perRegion<Client>(make: (region: string) => Client): (region: string) => Client {
  const clients = new Map<string, Client>();
  return (region) => {
    const client = clients.get(region) ?? make(region);
    clients.set(region, client);
    return client;
  };
}
