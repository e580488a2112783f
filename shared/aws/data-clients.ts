import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMS } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { type AwsClientOverrides, perRegion, settings } from './client-settings.ts';

/** The clients that the copies and their keys are reached by: all that a folder's machine loads. */
export interface DataClients {
  s3(region: string): S3Client;
  /**
   * For reading copies. Whoever reads one compares all of it with a SHA-256 of our own. The SDK's
   * comparison would come first, and all it says of an altered object is that its stream broke.
   */
  s3OfCopy(region: string): S3Client;
  kms(region: string): KMS;
  /** The ledger lies in one; the branch keys of vaults in each Region. */
  dynamoDb(region: string): DynamoDBClient;
}

/**
 * S3 buckets are addressed in the path when the endpoint is an IP address (the SDK's own rule).
 * @param overrides - default: none.
 */
export function dataClients(overrides: AwsClientOverrides = {}): DataClients {
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
  };
}
