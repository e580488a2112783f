import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import type { Credentials } from '../gateway/credentials.ts';

/** SDK clients of one Region that talk to the embedded AWS itself. */
export interface AwsClients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  destroy(): void;
}

/** Creates them with the keys of a deployment role's session, as CloudFormation would. */
export function createAwsClients(options: {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly roleArn: string;
  readonly systemClockOffset: number;
}): AwsClients {
  const { endpoint, region, systemClockOffset } = options;
  const credentials = options.credentials.issueForRole(options.roleArn, 'deploy');
  const settings = { endpoint, region, credentials, systemClockOffset };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(settings);
  const kms = new KMSClient(settings);
  return {
    s3,
    dynamodb,
    kms,
    destroy() {
      s3.destroy();
      dynamodb.destroy();
      kms.destroy();
    },
  };
}
