/**
 * Access to vault keys. They are created at run time, so no ARN is known here: each statement
 * covers `key/*` of both Regions and is narrowed by the tag that every vault key carries.
 */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { KEY_TAG, type Names, VAULT_TAG } from '../names.ts';
import { allow, type Conditions } from './statement.ts';

/** Shortest waiting period that IAM lets the eraser ask for: the shortest that KMS knows (KMS API,
 * ScheduleKeyDeletion). A request that leaves the period out is refused as well. */
const SHORTEST_WINDOW_DAYS = 7;

/** Vault keys alone carry a vault's tag: the signing key gets the installation's from its stack. */
const tagged = (names: Names): Conditions => ({
  StringEquals: { [`aws:ResourceTag/${KEY_TAG}`]: names.installation },
  Null: { [`aws:ResourceTag/${VAULT_TAG}`]: 'false' },
});

/**
 * A destroyed key has no tags. Were the tag demanded, asking for such a key would be denied instead
 * of answered with "not found", and its end could not be told from a missing permission. So these
 * harmless questions (its state, its policy, its probe) go to keys without a tag as well, never to
 * those of another installation.
 */
const taggedOrGone = (names: Names): Conditions => ({
  StringEqualsIfExists: { [`aws:ResourceTag/${KEY_TAG}`]: names.installation },
});

/** May wrap and unwrap data keys. */
export function wrapWithKeys(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'WrapDataKeys',
      actions: ['kms:GenerateDataKey', 'kms:Encrypt', 'kms:Decrypt'],
      resources: names.anyKeyArns,
      conditions: tagged(names),
    }),
  ];
}

/** May unwrap data keys. */
export function unwrapWithKeys(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'UnwrapDataKeys',
      actions: ['kms:Decrypt'],
      resources: names.anyKeyArns,
      conditions: tagged(names),
    }),
  ];
}

/** May ask for the state of keys. */
export function describeKeys(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'DescribeKeys',
      actions: ['kms:DescribeKey'],
      resources: names.anyKeyArns,
      conditions: taggedOrGone(names),
    }),
  ];
}

/**
 * May try to open the probe of a key, the proof that it opens nothing any more. The encryption
 * context keeps it from everything else: packs and manifests have none of that purpose.
 */
export function openProbes(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'OpenProbes',
      actions: ['kms:Decrypt'],
      resources: names.anyKeyArns,
      conditions: {
        ...taggedOrGone(names),
        StringEquals: { 'kms:EncryptionContext:holdfast:purpose': 'probe' },
      },
    }),
  ];
}

/** May make new probes under keys that exist, and encrypt nothing else with them. */
export function sealProbes(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'SealProbes',
      actions: ['kms:Encrypt'],
      resources: names.anyKeyArns,
      conditions: {
        ...tagged(names),
        StringEquals: {
          ...tagged(names).StringEquals,
          'kms:EncryptionContext:holdfast:purpose': 'probe',
        },
      },
    }),
  ];
}

/** May create keys of this installation, set their policy and encrypt a probe under them. */
export function createKeys(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'CreateTaggedKeys',
      actions: ['kms:CreateKey'],
      // CreateKey has no resource to name (IAM service authorization reference, AWS KMS).
      resources: ['*'],
      conditions: { StringEquals: { [`aws:RequestTag/${KEY_TAG}`]: names.installation } },
    }),
    allow({
      // CreateKey with tags is authorised as TagResource too (KMS API, CreateKey, "Tags").
      sid: 'TagNewKeys',
      actions: ['kms:TagResource'],
      resources: names.anyKeyArns,
      conditions: {
        StringEquals: { [`aws:RequestTag/${KEY_TAG}`]: names.installation },
        'ForAllValues:StringEquals': { 'aws:TagKeys': [KEY_TAG, VAULT_TAG] },
      },
    }),
    allow({
      sid: 'PrepareKeys',
      actions: ['kms:PutKeyPolicy', 'kms:DescribeKey', 'kms:Encrypt'],
      resources: names.anyKeyArns,
      conditions: tagged(names),
    }),
  ];
}

/**
 * May put back the policy of a key. Not held by the eraser: whoever may replace a key's policy
 * could let itself decrypt, and nobody is to destroy and decrypt.
 */
export function restoreKeyPolicies(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'ReadKeyPolicies',
      actions: ['kms:GetKeyPolicy'],
      resources: names.anyKeyArns,
      conditions: taggedOrGone(names),
    }),
    allow({
      sid: 'RestoreKeyPolicies',
      actions: ['kms:PutKeyPolicy'],
      resources: names.anyKeyArns,
      conditions: tagged(names),
    }),
  ];
}

/** May sign with the signing key, found by its alias: its ARN is made when it is. */
export function signProofs(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'SignProofs',
      actions: ['kms:Sign', 'kms:GetPublicKey'],
      resources: names.anyKeyArns,
      conditions: bySigningAlias(names),
    }),
  ];
}

/** May read the public half of the signing key. */
export function readSigningKey(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'ReadSigningKey',
      actions: ['kms:GetPublicKey'],
      resources: names.anyKeyArns,
      conditions: bySigningAlias(names),
    }),
  ];
}

const bySigningAlias = (names: Names): Conditions => ({
  StringEquals: { 'kms:RequestAlias': names.signingAlias },
});

/** May give the installation's own keys back that somebody has switched off, and no more. */
export function restoreInstallationKeys(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'RestoreInstallationKeys',
      actions: ['kms:EnableKey', 'kms:CancelKeyDeletion'],
      resources: names.anyKeyArns,
      conditions: {
        'ForAnyValue:StringEquals': {
          'kms:ResourceAliases': [names.rootAlias, names.signingAlias],
        },
      },
    }),
  ];
}

/** May make keys unusable and start or end their waiting period. Held by one role only. */
export function destroyKeys(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'DisableKeys',
      actions: ['kms:DisableKey', 'kms:EnableKey', 'kms:CancelKeyDeletion'],
      resources: names.anyKeyArns,
      conditions: tagged(names),
    }),
    allow({
      sid: 'ScheduleKeyDeletion',
      actions: ['kms:ScheduleKeyDeletion'],
      resources: names.anyKeyArns,
      conditions: {
        ...tagged(names),
        NumericGreaterThanEquals: {
          'kms:ScheduleKeyDeletionPendingWindowInDays': SHORTEST_WINDOW_DAYS,
        },
      },
    }),
  ];
}
