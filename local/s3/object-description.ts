import type { ServerResponse } from 'node:http';
import { LocalAwsError } from '../gateway/service.ts';
import { decodeMetadata, encodeMetadata } from './encode-metadata.ts';
import { MAX_USER_METADATA_BYTES } from './limits.ts';
import { parseTagHeader } from './object-tags.ts';
import { headerOf, type S3Call } from './s3-call.ts';
import { invalidArgument } from './s3-errors.ts';
import type { ObjectDescription } from './store/object-version.ts';
import { parseXml, textAt } from './xml.ts';

/** Headers stored with an object and given back on reading. */
const CONTENT_HEADERS = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
] as const;

/** S3's type for an object written without one. */
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';

const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
];

const META_PREFIX = 'x-amz-meta-';

/**
 * What a writing request says about its object.
 * @throws LocalAwsError `MetadataTooLarge`, `InvalidTag`, `InvalidStorageClass`, `InvalidArgument`,
 *   `AccessControlListNotSupported`
 */
export function readDescription(call: S3Call): ObjectDescription {
  requirePlainAcl(call);
  const storageClass = headerOf(call, 'x-amz-storage-class') ?? 'STANDARD';
  if (!STORAGE_CLASSES.includes(storageClass)) {
    throw new LocalAwsError(
      'InvalidStorageClass',
      400,
      'The storage class you specified is not valid',
    );
  }
  return {
    headers: readContentHeaders(call),
    userMetadata: readUserMetadata(call),
    tags: parseTagHeader(headerOf(call, 'x-amz-tagging')),
    storageClass,
    encryption: readEncryption(call),
  };
}

function readContentHeaders(call: S3Call): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of CONTENT_HEADERS) {
    const value = headerOf(call, name);
    if (value !== undefined) {
      headers[name] = value;
    }
  }
  const encodings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  delete headers['content-encoding'];
  return {
    'content-type': DEFAULT_CONTENT_TYPE,
    ...headers,
    ...(encodings.length === 0 ? {} : { 'content-encoding': encodings.join(',') }),
  };
}

function readUserMetadata(call: S3Call): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(call.request.headers)) {
    if (name.startsWith(META_PREFIX)) {
      const text = decodeMetadata(String(value));
      metadata[name.slice(META_PREFIX.length)] = text;
      size += name.length - META_PREFIX.length + Buffer.byteLength(text);
    }
  }
  if (size > MAX_USER_METADATA_BYTES) {
    throw new LocalAwsError(
      'MetadataTooLarge',
      400,
      'Your metadata headers exceed the maximum allowed metadata size',
      { Size: String(size), MaxSizeAllowed: String(MAX_USER_METADATA_BYTES) },
    );
  }
  return metadata;
}

/** Buckets have no ACLs here (S3's default, "bucket owner enforced"). */
function requirePlainAcl(call: S3Call): void {
  const acl = headerOf(call, 'x-amz-acl');
  if (acl !== undefined && acl !== 'private' && acl !== 'bucket-owner-full-control') {
    throw new LocalAwsError('AccessControlListNotSupported', 400, 'The bucket does not allow ACLs');
  }
}

/** The request's encryption headers, else the bucket's default, else S3's own. */
function readEncryption(call: S3Call): Record<string, string> {
  const algorithm = headerOf(call, 'x-amz-server-side-encryption');
  if (algorithm === undefined) {
    return bucketEncryption(call);
  }
  if (!['AES256', 'aws:kms', 'aws:kms:dsse'].includes(algorithm)) {
    throw invalidArgument('The encryption method specified is not supported');
  }
  return encryptionHeaders(
    algorithm,
    headerOf(call, 'x-amz-server-side-encryption-aws-kms-key-id'),
    headerOf(call, 'x-amz-server-side-encryption-bucket-key-enabled'),
  );
}

function bucketEncryption(call: S3Call): Record<string, string> {
  const document = call.store.buckets.document(call.bucket, 'encryption');
  const rule = document === undefined ? undefined : parseXml(document).children[0];
  const path = 'ApplyServerSideEncryptionByDefault';
  return encryptionHeaders(
    (rule && textAt(rule, path, 'SSEAlgorithm')) ?? 'AES256',
    rule && textAt(rule, path, 'KMSMasterKeyID'),
    rule && textAt(rule, 'BucketKeyEnabled'),
  );
}

function encryptionHeaders(
  algorithm: string,
  keyId: string | undefined,
  bucketKey: string | undefined,
): Record<string, string> {
  const prefix = 'x-amz-server-side-encryption';
  return {
    [prefix]: algorithm,
    ...(keyId === undefined ? {} : { [`${prefix}-aws-kms-key-id`]: keyId }),
    ...(algorithm === 'AES256' || bucketKey === undefined
      ? {}
      : { [`${prefix}-bucket-key-enabled`]: bucketKey }),
  };
}

/** Sets the headers that describe a stored object. */
export function setDescriptionHeaders(
  response: ServerResponse,
  description: ObjectDescription,
): void {
  for (const [name, value] of Object.entries(description.headers)) {
    response.setHeader(name, value);
  }
  for (const [name, value] of Object.entries(description.userMetadata)) {
    response.setHeader(`${META_PREFIX}${name}`, encodeMetadata(value));
  }
  setEncryptionHeaders(response, description);
  if (description.storageClass !== 'STANDARD') {
    response.setHeader('x-amz-storage-class', description.storageClass);
  }
  if (description.tags.length > 0) {
    response.setHeader('x-amz-tagging-count', String(description.tags.length));
  }
}

/** Sets the server-side encryption headers, which answers to writes carry too. */
export function setEncryptionHeaders(
  response: ServerResponse,
  description: ObjectDescription,
): void {
  for (const [name, value] of Object.entries(description.encryption)) {
    response.setHeader(name, value);
  }
}
