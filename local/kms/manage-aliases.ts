import { findKey, kmsArn, refusePendingDeletion } from './find-key.ts';
import type { KmsCall, KmsOperation } from './kms-call.ts';
import { invalidParameter, kmsError } from './kms-error.ts';
import { optionalInteger, optionalText, requiredText } from './read-parameter.ts';

/** Aliases a key may have, and the longest alias name. KMS resource quotas. */
const MAX_ALIASES_PER_KEY = 50;
const MAX_ALIAS_LENGTH = 256;

export const createAlias: KmsOperation = (call) => {
  const { store, region, now } = call;
  const name = readAliasName(call);
  const key = findKey(call, 'TargetKeyId');
  refusePendingDeletion(key);
  if (store.findByAlias(region, name) !== undefined) {
    const message = `An alias with the name ${kmsArn(call, name)} already exists`;
    throw kmsError('AlreadyExistsException', message);
  }
  refuseFullKey(call, key.keyId);
  store
    .sql(
      'INSERT INTO aliases (region, name, key_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
    )
    .run(region, name, key.keyId, now.getTime(), now.getTime());
  return {};
};

export const updateAlias: KmsOperation = (call) => {
  const { store, region, now } = call;
  const name = readAliasName(call);
  const key = findKey(call, 'TargetKeyId');
  refuseMissingAlias(call, name);
  refusePendingDeletion(key);
  if (store.findByAlias(region, name)?.keyId !== key.keyId) refuseFullKey(call, key.keyId);
  store
    .sql('UPDATE aliases SET key_id = ?, updated_at = ? WHERE region = ? AND name = ?')
    .run(key.keyId, now.getTime(), region, name);
  return {};
};

export const deleteAlias: KmsOperation = (call) => {
  const name = readAliasName(call);
  refuseMissingAlias(call, name);
  call.store.sql('DELETE FROM aliases WHERE region = ? AND name = ?').run(call.region, name);
  return {};
};

export const listAliases: KmsOperation = (call) => {
  const { input, store, region } = call;
  const limit = optionalInteger(input, 'Limit', { min: 1, max: 100, fallback: 50 });
  const marker = optionalText(input, 'Marker') ?? '';
  const keyId = input.KeyId === undefined ? null : findKey(call).keyId;
  const rows = store
    .sql(
      `SELECT * FROM aliases WHERE region = ? AND name > ? AND (? IS NULL OR key_id = ?)
       ORDER BY name LIMIT ?`,
    )
    .all(region, marker, keyId, keyId, limit + 1);
  const page = rows.slice(0, limit).map((row) => ({
    AliasName: String(row.name),
    AliasArn: kmsArn(call, String(row.name)),
    TargetKeyId: String(row.key_id),
    CreationDate: Number(row.created_at) / 1000,
    LastUpdatedDate: Number(row.updated_at) / 1000,
  }));
  const more = rows.length > limit;
  return {
    Aliases: page,
    Truncated: more,
    ...(more ? { NextMarker: page.at(-1)?.AliasName } : {}),
  };
};

function readAliasName(call: KmsCall): string {
  const name = requiredText(call.input, 'AliasName');
  if (name.length > MAX_ALIAS_LENGTH) {
    throw invalidParameter(`AliasName must have at most ${MAX_ALIAS_LENGTH} characters`);
  }
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name)) {
    throw invalidParameter('AliasName must be alias/ and then letters, digits, /, _ or -');
  }
  if (name.startsWith('alias/aws/')) {
    throw kmsError('NotAuthorizedException', 'alias/aws/ is reserved for AWS managed keys');
  }
  return name;
}

function refuseMissingAlias(call: KmsCall, name: string): void {
  if (call.store.findByAlias(call.region, name) !== undefined) return;
  throw kmsError('NotFoundException', `Alias ${kmsArn(call, name)} is not found.`);
}

function refuseFullKey(call: KmsCall, keyId: string): void {
  const row = call.store.sql('SELECT count(*) AS count FROM aliases WHERE key_id = ?').get(keyId);
  if (Number(row?.count) < MAX_ALIASES_PER_KEY) return;
  const message = `a key has at most ${MAX_ALIASES_PER_KEY} aliases`;
  throw kmsError('LimitExceededException', message);
}
