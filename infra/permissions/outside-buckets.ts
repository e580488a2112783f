/** Access to the buckets that settings name: sources of backups and targets of restores. */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Settings } from '../settings.ts';
import { allow } from './statement.ts';

/** May read records, their metadata and their tags. Empty without any source bucket. */
export function readSources(settings: Settings): PolicyStatement[] {
  const buckets = settings.sourceBuckets.map((name) => bucketArn(settings, name));
  if (buckets.length === 0) return [];
  return [
    allow({
      sid: 'ListSources',
      actions: ['s3:ListBucket'],
      resources: buckets,
    }),
    allow({
      sid: 'ReadSources',
      actions: [
        's3:GetObject',
        's3:GetObjectVersion',
        's3:GetObjectTagging',
        's3:GetObjectVersionTagging',
      ],
      resources: buckets.map((arn) => `${arn}/*`),
    }),
  ];
}

/** May write restored records and see what is there already. Empty without any restore bucket. */
export function writeTargets(settings: Settings): PolicyStatement[] {
  const buckets = settings.restoreBuckets.map((name) => bucketArn(settings, name));
  if (buckets.length === 0) return [];
  return [
    allow({
      sid: 'ListTargets',
      actions: ['s3:ListBucket'],
      resources: buckets,
    }),
    allow({
      sid: 'WriteTargets',
      actions: ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'],
      resources: buckets.map((arn) => `${arn}/*`),
    }),
  ];
}

const bucketArn = (settings: Settings, name: string): string =>
  `arn:${settings.partition}:s3:::${name}`;
