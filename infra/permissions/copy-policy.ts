/**
 * What a copy's bucket policy denies, whoever asks and whatever their role allows. Only denials:
 * access comes from the roles. Conditions compare `aws:PrincipalArn`, which is the role's ARN for
 * any session of that role, so roles may be named before they exist. A caller without such an ARN
 * (anonymous) matches the negated conditions too and is denied.
 *
 * Left possible, because CloudFormation must be able to deploy the next version: the deployment
 * role of the CDK bootstrap stack may change the bucket's configuration and this policy, and the
 * account's root user may always delete a bucket policy (S3 user guide, "Bucket policies"). Neither
 * can shorten a lock or delete a locked version: COMPLIANCE mode refuses that to everyone.
 *
 * Not here: a denial of writes without a lock. The parts of a multipart upload are authorised as
 * `s3:PutObject` too and carry no lock headers, so it would risk refusing every large object. The
 * hourly protection check reports an object without a lock instead.
 */
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import type { FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { COPY_READERS, COPY_SWEEPER, COPY_WRITERS } from './function-permissions.ts';
import type { Conditions } from './statement.ts';

/** Everything that reveals an object, or part of it, or facts about it. */
const READS = ['s3:GetObject*', 's3:RestoreObject', 's3:ListMultipartUploadParts'];

/** Everything that makes or changes an object, its tags, its lock or its holds. */
const WRITES = ['s3:PutObject*', 's3:AbortMultipartUpload', 's3:Replicate*'];

/** Hides an object, takes its tags off, or would let a lock be removed. For nobody. */
const DELETIONS = [
  's3:DeleteObject',
  's3:DeleteObjectTagging',
  's3:DeleteObjectVersionTagging',
  's3:BypassGovernanceRetention',
  's3:ObjectOwnerOverrideToBucketOwner',
  's3:DeleteBucket',
];

/** Removes one version for good, when it is not locked. For the sweeper. */
const REMOVALS = ['s3:DeleteObjectVersion'];

/** Configuration through which copies could be hidden, thinned out, copied away or opened. */
const CONFIGURATION = [
  's3:PutBucket*',
  's3:DeleteBucketPolicy',
  's3:PutLifecycleConfiguration',
  's3:PutReplicationConfiguration',
  's3:PutEncryptionConfiguration',
  's3:PutInventoryConfiguration',
  's3:PutAnalyticsConfiguration',
  's3:PutAccelerateConfiguration',
];

/** @returns the denials of one copy's bucket policy. */
export function copyDenials(copy: CopyName, names: Names, settings: Settings): PolicyStatement[] {
  const bucket = names.bucketArn[copy];
  const objects = `${bucket}/*`;
  const writer = names.roleArn(names.writerRole);
  const readers = [...rolesOf(COPY_READERS, names), names.roleArn(names.readerRole), writer];
  const writers = [...rolesOf(COPY_WRITERS, names), writer];
  const holders = rolesOf(['apply-holds'], names);
  return [
    deny('DenyReadsByOthers', READS, [objects], unless(readers)),
    deny('DenyWritesByOthers', WRITES, [objects], unless(writers)),
    deny('DenyLegalHoldsByOthers', ['s3:PutObjectLegalHold'], [objects], unless(holders)),
    deny('DenyDeletion', DELETIONS, [bucket, objects]),
    deny('DenyRemovalByOthers', REMOVALS, [objects], unless(rolesOf([COPY_SWEEPER], names))),
    deny('DenyRemovalOfTombstones', REMOVALS, [`${bucket}/vaults/*/tombstone.json`]),
    deny('DenyLongLocks', ['s3:PutObject', 's3:PutObjectRetention'], [objects], {
      NumericGreaterThan: { 's3:object-lock-remaining-retention-days': settings.maxLockDays },
    }),
    deny('DenyWeakLocks', ['s3:PutObject', 's3:PutObjectRetention'], [objects], {
      StringEquals: { 's3:object-lock-mode': 'GOVERNANCE' },
    }),
    deny(
      'DenyConfigurationByOthers',
      CONFIGURATION,
      [bucket],
      unless([names.deploymentRoleArn(copy)]),
    ),
  ];
}

const rolesOf = (functions: readonly FunctionName[], names: Names): string[] =>
  functions.map((name) => names.roleArn(names.functionRole(name)));

/** Matches every caller but sessions of these roles. */
const unless = (roles: string[]): Conditions => ({ ArnNotEquals: { 'aws:PrincipalArn': roles } });

function deny(
  sid: string,
  actions: string[],
  resources: string[],
  conditions?: Conditions,
): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources,
    ...(conditions && { conditions }),
  });
}
