/**
 * Access to the branch keys of the tier `shared-root`: the key store of each Region, and the root
 * key that wraps what lies there, which is found by its alias.
 */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { USABLE_KEYS } from '../../shared/config/key-store.ts';
import type { Names } from '../names.ts';
import { allow, type Conditions } from './statement.ts';

/** Entries of suspended keys lie in other partitions. */
const usableOnly: Conditions = {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${USABLE_KEYS}*`] },
  // Without this, a request that names no partition would do as well.
  Null: { 'dynamodb:LeadingKeys': 'false' },
};

/** The root key, and only for entries of this installation's key stores. */
const ofKeyStore = (names: Names): Record<string, Record<string, string | string[]>> => ({
  StringEquals: { 'kms:EncryptionContext:tablename': Object.values(names.keyStore) },
  'ForAnyValue:StringEquals': { 'kms:ResourceAliases': [names.rootAlias] },
});

/** May unwrap usable branch keys, and so wrap and unwrap data keys with them. */
export function useBranchKeys(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'ReadBranchKeys',
      actions: ['dynamodb:GetItem'],
      resources: names.keyStoreArns,
      conditions: usableOnly,
    }),
    allow({
      sid: 'UnwrapBranchKeys',
      actions: ['kms:Decrypt'],
      resources: names.anyKeyArns,
      conditions: ofKeyStore(names),
    }),
  ];
}

/** May make branch keys, none of which it can unwrap. */
export function createBranchKeys(names: Names): PolicyStatement[] {
  const byAlias = ofKeyStore(names)['ForAnyValue:StringEquals'] ?? {};
  return [
    allow({
      sid: 'WriteBranchKeys',
      actions: ['dynamodb:PutItem'],
      resources: names.keyStoreArns,
      conditions: usableOnly,
    }),
    allow({
      sid: 'WrapBranchKeys',
      actions: ['kms:GenerateDataKeyWithoutPlaintext'],
      resources: names.anyKeyArns,
      conditions: ofKeyStore(names),
    }),
    allow({
      // The same key for another type of entry: nothing leaves the root key.
      sid: 'RewrapBranchKeys',
      actions: ['kms:ReEncryptFrom', 'kms:ReEncryptTo'],
      resources: names.anyKeyArns,
      conditions: { ...ofKeyStore(names), Bool: { 'kms:ReEncryptOnSameKey': 'true' } },
    }),
    allow({
      sid: 'FindRootKey',
      actions: ['kms:DescribeKey'],
      resources: names.anyKeyArns,
      conditions: { 'ForAnyValue:StringEquals': byAlias },
    }),
  ];
}

/** May see whether a branch key can be used, is suspended, or is gone; unwraps nothing. */
export function seeBranchKeys(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'SeeBranchKeys',
      actions: ['dynamodb:GetItem', 'dynamodb:Query'],
      resources: names.keyStoreArns,
    }),
  ];
}

/** May see whether what is deleted from a key store is kept: point-in-time recovery, streams. */
export function seeRecovery(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'SeeRecovery',
      actions: ['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable'],
      resources: names.keyStoreArns,
    }),
  ];
}

/** May suspend, give back and delete branch keys. Held by one role only, which unwraps nothing. */
export function destroyBranchKeys(names: Names): PolicyStatement[] {
  return [
    ...seeBranchKeys(names),
    allow({
      sid: 'DestroyBranchKeys',
      actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
      resources: names.keyStoreArns,
    }),
  ];
}
