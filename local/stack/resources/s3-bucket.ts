import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import {
  type CreatedResource,
  fieldsProperty,
  nameOf,
  type ResourceCreator,
  type ResourceRequest,
  textProperty,
} from '../resource-creator.ts';
import { type JsonFields, StackError } from '../template.ts';

/** Properties whose absence here would change what an app does. */
const REFUSED = ['NotificationConfiguration', 'ReplicationConfiguration', 'WebsiteConfiguration'];

/**
 * Creates a bucket with versioning and Object Lock as declared. Encryption, public access block,
 * ownership and lifecycle rules are kept as data only.
 */
export const createS3Bucket: ResourceCreator = async (request) => {
  const { properties, region, services } = request;
  const refused = REFUSED.find((name) => properties[name] !== undefined);
  if (refused !== undefined) {
    throw new StackError(`local buckets have no ${refused}`);
  }
  const bucket = bucketNameOf(request);
  const { s3 } = services.clients(region);
  if (!(await exists(request, bucket))) {
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ObjectLockEnabledForBucket: properties.ObjectLockEnabled === true,
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as never } }),
      }),
    );
  }
  const status = fieldsProperty(properties, 'VersioningConfiguration').Status;
  if (status !== undefined) {
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: bucket,
        VersioningConfiguration: { Status: String(status) as 'Enabled' | 'Suspended' },
      }),
    );
  }
  const retention = defaultRetentionOf(properties);
  if (retention !== undefined) {
    await s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: retention },
        },
      }),
    );
  }
  return describe(request, bucket);
};

/** Stores a bucket's policy; the local S3 keeps policies and does not apply them. */
export const createS3BucketPolicy: ResourceCreator = async (request) => {
  const bucket = textProperty(request, 'Bucket');
  const policy = JSON.stringify(request.properties.PolicyDocument ?? {});
  const { s3 } = request.services.clients(request.region);
  await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
  return { ref: bucket, attributes: {} };
};

async function exists(request: ResourceRequest, bucket: string): Promise<boolean> {
  const { s3 } = request.services.clients(request.region);
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFound') return false;
    throw error;
  }
}

function bucketNameOf(request: ResourceRequest): string {
  return nameOf(request, 'BucketName').toLowerCase().slice(0, 63);
}

function defaultRetentionOf(
  properties: JsonFields,
): { Mode: 'COMPLIANCE' | 'GOVERNANCE'; Days?: number; Years?: number } | undefined {
  const configuration = fieldsProperty(properties, 'ObjectLockConfiguration');
  const retention = fieldsProperty(fieldsProperty(configuration, 'Rule'), 'DefaultRetention');
  if (retention.Mode === undefined) return undefined;
  return {
    Mode: retention.Mode === 'GOVERNANCE' ? 'GOVERNANCE' : 'COMPLIANCE',
    ...(retention.Days === undefined ? {} : { Days: Number(retention.Days) }),
    ...(retention.Years === undefined ? {} : { Years: Number(retention.Years) }),
  };
}

function describe(request: ResourceRequest, bucket: string): CreatedResource {
  const suffix = request.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    ref: bucket,
    attributes: {
      // Bucket ARNs carry neither account nor Region.
      Arn: `arn:${request.partition}:s3:::${bucket}`,
      DomainName: `${bucket}.s3.${suffix}`,
      RegionalDomainName: `${bucket}.s3.${request.region}.${suffix}`,
    },
  };
}
