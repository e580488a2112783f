import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucketPolicy,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface LockedBucketProps {
  readonly bucketName: string;
  /** Statements beside the one that every bucket gets: TLS 1.2 or newer only. */
  readonly statements: readonly PolicyStatement[];
}

/** Days after which parts of an upload that nobody finished are removed. A run lasts minutes. */
const UNFINISHED_UPLOAD_DAYS = 3;

/**
 * A bucket that nobody can delete from while locks last: versioned, Object Lock on, no default
 * retention because every write carries its own lock, encrypted by S3 (what is stored is ciphertext
 * already), closed to the public, kept when its stack is deleted.
 */
export class LockedBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: LockedBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName: props.bucketName,
      versioned: true,
      objectLockEnabled: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          id: 'remove-unfinished-uploads',
          abortIncompleteMultipartUploadAfter: Duration.days(UNFINISHED_UPLOAD_DAYS),
        },
      ],
    });
    for (const statement of props.statements) this.bucket.addToResourcePolicy(statement);
    const policy = this.bucket.policy?.node.defaultChild as CfnBucketPolicy;
    policy.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
