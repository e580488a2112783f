import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { findKey, kmsArn, refusePendingDeletion } from './find-key.ts';
import { defaultKeyPolicy, readPolicy } from './key-policy.ts';
import { type KeyRecord, type KeySpec, keyMetadata } from './key-record.ts';
import type { KmsCall, KmsOperation } from './kms-call.ts';
import { invalidParameter, unsupportedParameter } from './kms-error.ts';
import { addTags, readTags } from './manage-tags.ts';
import { optionalInteger, optionalText } from './read-parameter.ts';
import { apiCallEvent } from './trail-event.ts';

/** Longest description, from the API reference of CreateKey. */
const MAX_DESCRIPTION = 8192;

export const createKey: KmsOperation = (call) => {
  const { input, store } = call;
  refuseUnsupported(call);
  const spec = readSpec(call);
  const keyId = randomUUID();
  const key: KeyRecord = {
    keyId,
    region: call.region,
    arn: kmsArn(call, `key/${keyId}`),
    spec,
    usage: spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY',
    state: 'Enabled',
    description: readDescription(call),
    policy: input.Policy === undefined ? defaultKeyPolicy(call) : readPolicy(input),
    rotationEnabled: false,
    createdAt: call.now.getTime(),
    deletionDate: undefined,
  };
  const tags = readTags(input);
  store.insert(key, makeMaterial(spec));
  addTags(call, key, tags);
  const metadata = keyMetadata(key, call.accountId);
  call.outbox.record(
    apiCallEvent(call, key, 'CreateKey', {
      keyMetadata: { keyId, arn: key.arn, keySpec: spec, keyUsage: key.usage, keyState: key.state },
    }),
  );
  return { KeyMetadata: metadata };
};

export const describeKey: KmsOperation = (call) => ({
  KeyMetadata: keyMetadata(findKey(call), call.accountId),
});

export const listKeys: KmsOperation = (call) => {
  const limit = optionalInteger(call.input, 'Limit', { min: 1, max: 1000, fallback: 100 });
  const marker = optionalText(call.input, 'Marker') ?? '';
  const ids = call.store.listIds(call.region, marker, limit + 1);
  const page = ids.slice(0, limit);
  const keys = page.map((keyId) => ({ KeyId: keyId, KeyArn: kmsArn(call, `key/${keyId}`) }));
  const more = ids.length > limit;
  return { Keys: keys, Truncated: more, ...(more ? { NextMarker: page.at(-1) } : {}) };
};

export const updateKeyDescription: KmsOperation = (call) => {
  const key = findKey(call);
  refusePendingDeletion(key);
  call.store
    .sql('UPDATE keys SET description = ? WHERE key_id = ?')
    .run(readDescription(call), key.keyId);
  return {};
};

function readDescription(call: KmsCall): string {
  const description = optionalText(call.input, 'Description') ?? '';
  if (description.length > MAX_DESCRIPTION) {
    throw invalidParameter(`Description must have at most ${MAX_DESCRIPTION} characters`);
  }
  return description;
}

function readSpec(call: KmsCall): KeySpec {
  const { input } = call;
  const spec =
    optionalText(input, 'KeySpec') ??
    optionalText(input, 'CustomerMasterKeySpec') ??
    'SYMMETRIC_DEFAULT';
  if (spec !== 'SYMMETRIC_DEFAULT' && spec !== 'ECC_NIST_P256') {
    throw unsupportedParameter(
      `KeySpec SYMMETRIC_DEFAULT and ECC_NIST_P256 are there; got ${spec}`,
    );
  }
  const usage = optionalText(input, 'KeyUsage') ?? 'ENCRYPT_DECRYPT';
  if (usage !== (spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY')) {
    throw invalidParameter(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  }
  return spec;
}

function refuseUnsupported(call: KmsCall): void {
  const { MultiRegion, Origin, CustomKeyStoreId, XksKeyId } = call.input;
  if (MultiRegion === true) throw unsupportedParameter('MultiRegion keys are not there');
  if (Origin !== undefined && Origin !== 'AWS_KMS') {
    throw unsupportedParameter(`Origin AWS_KMS is there; got ${String(Origin)}`);
  }
  if (CustomKeyStoreId !== undefined || XksKeyId !== undefined) {
    throw unsupportedParameter('custom key stores are not there');
  }
}

function makeMaterial(spec: KeySpec): Buffer {
  if (spec === 'SYMMETRIC_DEFAULT') return randomBytes(32);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}
