/** Access to the two locked buckets. */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { Names } from '../names.ts';
import { allow } from './statement.ts';

const buckets = (names: Names): string[] => COPY_NAMES.map((copy) => names.bucketArn[copy]);

/** Everything that belongs to a vault lies under this prefix; see "Object names" in the docs. */
const vaultObjects = (names: Names): string[] => buckets(names).map((arn) => `${arn}/vaults/*`);

/**
 * May read objects of both copies, and see which exist and how long each is locked: S3 authorises
 * HeadObject as a read, the lock in its answer by GetObjectRetention, and the legal hold by
 * GetObjectLegalHold. Without ListBucket it
 * answers 403 instead of 404 for an object that is not there (S3 API, GetObject, "Permissions"),
 * and absent could not be told from denied. An object that was repaired is found by its versions.
 */
export function readCopies(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'ListCopies',
      actions: ['s3:ListBucket', 's3:ListBucketVersions'],
      resources: buckets(names),
    }),
    allow({
      sid: 'ReadCopies',
      actions: [
        's3:GetObject',
        's3:GetObjectVersion',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ],
      resources: vaultObjects(names),
    }),
  ];
}

/**
 * May list what lies in both copies and read its headers, which name the keys that open it. S3 has
 * no smaller right than to read an object.
 */
export function readHeaders(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'ListVersions',
      actions: ['s3:ListBucket', 's3:ListBucketVersions'],
      resources: buckets(names),
    }),
    allow({
      sid: 'ReadHeaders',
      actions: ['s3:GetObjectVersion'],
      resources: vaultObjects(names),
    }),
  ];
}

/** Names under which proofs lie, as patterns. */
const PROOFS = {
  certificates: 'certificates/*',
  checkpoints: 'checkpoints/*',
  tombstones: 'vaults/*/tombstone.json',
} as const;

/**
 * May write proofs of these kinds, locked, and read them back; nothing else in either copy. Which
 * versions exist, S3 answers for a whole bucket or a prefix only.
 */
export function writeProofs(
  names: Names,
  ...kinds: readonly (keyof typeof PROOFS)[]
): PolicyStatement[] {
  const objects = buckets(names).flatMap((arn) => kinds.map((kind) => `${arn}/${PROOFS[kind]}`));
  return [
    allow({
      sid: 'ListCopies',
      actions: ['s3:ListBucket', 's3:ListBucketVersions'],
      resources: buckets(names),
    }),
    allow({
      sid: 'WriteProofs',
      actions: [
        's3:PutObject',
        's3:PutObjectRetention',
        's3:GetObject',
        's3:GetObjectVersion',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ],
      resources: objects,
    }),
  ];
}

/** May read proofs of these kinds. */
export function readProofs(
  names: Names,
  ...kinds: readonly (keyof typeof PROOFS)[]
): PolicyStatement[] {
  return [
    allow({
      sid: 'ReadProofs',
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: buckets(names).flatMap((arn) => kinds.map((kind) => `${arn}/${PROOFS[kind]}`)),
    }),
  ];
}

/** May see which proofs of these kinds there are: `tombstones` tells whether a vault has one. */
export function seeProofs(
  names: Names,
  ...kinds: readonly (keyof typeof PROOFS)[]
): PolicyStatement[] {
  return [
    allow({
      sid: 'SeeProofs',
      actions: ['s3:ListBucketVersions'],
      resources: buckets(names),
      conditions: { StringLike: { 's3:prefix': kinds.map((kind) => PROOFS[kind]) } },
    }),
  ];
}

/** May extend the locks of proofs. Locks can only be extended: the buckets deny any other mode. */
export function extendProofLocks(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'ExtendProofLocks',
      actions: [
        's3:PutObjectRetention',
        's3:GetObject',
        's3:GetObjectVersion',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ],
      resources: buckets(names).flatMap((arn) =>
        Object.values(PROOFS).map((pattern) => `${arn}/${pattern}`),
      ),
    }),
  ];
}

/** May extend locks in both copies. Locks can only be extended: the buckets deny any other mode. */
export function extendLocks(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'ExtendLocks',
      actions: ['s3:PutObjectRetention'],
      resources: vaultObjects(names),
    }),
  ];
}

/** May switch S3's legal holds on and off in both copies. Held by one role only. */
export function switchLegalHolds(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'SwitchLegalHolds',
      actions: ['s3:PutObjectLegalHold'],
      resources: vaultObjects(names),
    }),
  ];
}

/** What a backup consists of, as patterns. */
const BACKED_UP = ['vaults/*/packs/*', 'vaults/*/snapshots/*'];

/** May write locked packs, manifests and seals to both copies and extend locks. */
export function writeCopies(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'WriteLocked',
      actions: ['s3:PutObject', 's3:PutObjectRetention', 's3:AbortMultipartUpload'],
      resources: buckets(names).flatMap((arn) => BACKED_UP.map((name) => `${arn}/${name}`)),
    }),
  ];
}

/**
 * May remove versions whose lock has ended, by their ids; S3 refuses all others. Not
 * `DeleteObject`: that would hide an object behind a delete marker. Held by one role only.
 */
export function removeVersions(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'RemoveVersions',
      actions: ['s3:DeleteObjectVersion'],
      resources: vaultObjects(names),
    }),
  ];
}
