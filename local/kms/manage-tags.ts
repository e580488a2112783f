import type { JsonObject } from '../gateway/json-protocol.ts';
import { findKey, refusePendingDeletion } from './find-key.ts';
import type { KeyRecord } from './key-record.ts';
import type { KmsCall, KmsOperation } from './kms-call.ts';
import { invalidParameter, kmsError } from './kms-error.ts';
import { optionalInteger, optionalText } from './read-parameter.ts';

/** Tag limits of KMS: per key, characters of a tag's key, characters of its value. */
const MAX_TAGS = 50;
const MAX_TAG_KEY = 128;
const MAX_TAG_VALUE = 256;

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

type Tag = readonly [key: string, value: string];

export const tagResource: KmsOperation = (call) => {
  const key = findKey(call);
  refusePendingDeletion(key);
  addTags(call, key, readTags(call.input));
  return {};
};

export const untagResource: KmsOperation = (call) => {
  const key = findKey(call);
  refusePendingDeletion(key);
  const names = call.input.TagKeys;
  if (!Array.isArray(names)) throw invalidParameter('TagKeys is missing');
  const remove = call.store.sql('DELETE FROM tags WHERE key_id = ? AND name = ?');
  for (const name of names) remove.run(key.keyId, String(name));
  return {};
};

export const listResourceTags: KmsOperation = (call) => {
  const key = findKey(call);
  const limit = optionalInteger(call.input, 'Limit', { min: 1, max: 50, fallback: 50 });
  const marker = optionalText(call.input, 'Marker') ?? '';
  const rows = call.store
    .sql('SELECT name, value FROM tags WHERE key_id = ? AND name > ? ORDER BY name LIMIT ?')
    .all(key.keyId, marker, limit + 1);
  const page = rows
    .slice(0, limit)
    .map((row) => ({ TagKey: String(row.name), TagValue: String(row.value) }));
  const more = rows.length > limit;
  return { Tags: page, Truncated: more, ...(more ? { NextMarker: page.at(-1)?.TagKey } : {}) };
};

/** A request's `Tags`, checked. @throws LocalAwsError `TagException`, `ValidationException`. */
export function readTags(input: JsonObject): Tag[] {
  const given = input.Tags ?? [];
  if (!Array.isArray(given)) throw invalidParameter('Tags must be a list');
  const tags = given.map(readTag);
  if (new Set(tags.map(([key]) => key)).size !== tags.length) {
    throw kmsError('TagException', 'Duplicate tag keys');
  }
  return tags;
}

/** Adds tags to a key, replacing those of the same name. @throws LocalAwsError over the limit. */
export function addTags(call: KmsCall, key: KeyRecord, tags: readonly Tag[]): void {
  const add = call.store.sql(
    `INSERT INTO tags (key_id, name, value) VALUES (?, ?, ?)
     ON CONFLICT (key_id, name) DO UPDATE SET value = excluded.value`,
  );
  for (const [name, value] of tags) add.run(key.keyId, name, value);
  const row = call.store.sql('SELECT count(*) AS count FROM tags WHERE key_id = ?').get(key.keyId);
  if (Number(row?.count) > MAX_TAGS) {
    throw kmsError('LimitExceededException', `a key has at most ${MAX_TAGS} tags`);
  }
}

function readTag(given: unknown): Tag {
  const { TagKey: key, TagValue: value } = (given ?? {}) as Record<string, unknown>;
  if (typeof key !== 'string' || key.length < 1 || key.length > MAX_TAG_KEY) {
    throw invalidParameter(`TagKey must have 1 to ${MAX_TAG_KEY} characters`);
  }
  if (typeof value !== 'string' || value.length > MAX_TAG_VALUE) {
    throw invalidParameter(`TagValue must have at most ${MAX_TAG_VALUE} characters`);
  }
  if (!ALLOWED.test(key) || !ALLOWED.test(value)) {
    throw kmsError('TagException', 'a tag may hold letters, numbers, spaces and _.:/=+-@');
  }
  if (/^aws:/i.test(key)) throw kmsError('TagException', 'tag keys must not start with aws:');
  return [key, value];
}
