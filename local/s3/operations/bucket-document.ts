import { LocalAwsError } from '../../gateway/service.ts';
import { MAX_DOCUMENT_BYTES } from '../limits.ts';
import { receiveDocument } from '../receive-payload.ts';
import { type Operation, requireBucket, type S3Call } from '../s3-call.ts';
import { malformedXml } from '../s3-errors.ts';
import { sendEmpty, sendText } from '../send-response.ts';
import { parseXml, writeXml } from '../xml.ts';

/** One configuration of a bucket that is kept as sent, and given back, but has no effect here. */
interface DocumentKind {
  /** Name in the store. */
  readonly kind: string;
  /** Root element; `undefined` for a policy, which is JSON. */
  readonly root: string | undefined;
  /** Code and message while there is none. */
  readonly missing: readonly [code: string, message: string];
  /** What S3 answers instead of `missing`. */
  readonly preset?: string;
}

/** Bucket policies are stored, not evaluated: every signed request is allowed. */
const POLICY: DocumentKind = {
  kind: 'policy',
  root: undefined,
  missing: ['NoSuchBucketPolicy', 'The bucket policy does not exist'],
};

const PUBLIC_ACCESS: DocumentKind = {
  kind: 'publicAccessBlock',
  root: 'PublicAccessBlockConfiguration',
  missing: [
    'NoSuchPublicAccessBlockConfiguration',
    'The public access block configuration was not found',
  ],
  preset: writeXml('PublicAccessBlockConfiguration', {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  }),
};

/** Decides which encryption headers new objects get; nothing is encrypted. */
const ENCRYPTION: DocumentKind = {
  kind: 'encryption',
  root: 'ServerSideEncryptionConfiguration',
  missing: [
    'ServerSideEncryptionConfigurationNotFoundError',
    'The server side encryption configuration was not found',
  ],
  preset: writeXml('ServerSideEncryptionConfiguration', {
    Rule: {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
      BucketKeyEnabled: false,
    },
  }),
};

const TAGGING: DocumentKind = {
  kind: 'tagging',
  root: 'Tagging',
  missing: ['NoSuchTagSet', 'The TagSet does not exist'],
};

/** Lifecycle rules never run. */
const LIFECYCLE: DocumentKind = {
  kind: 'lifecycle',
  root: 'LifecycleConfiguration',
  missing: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
};

const OWNERSHIP: DocumentKind = {
  kind: 'ownershipControls',
  root: 'OwnershipControls',
  missing: ['OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'],
  preset: writeXml('OwnershipControls', { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } }),
};

function requirePolicy(document: string): void {
  try {
    const policy: unknown = JSON.parse(document);
    if (typeof policy === 'object' && policy !== null && 'Statement' in policy) {
      return;
    }
  } catch {
    // Answered below: S3 does not tell a syntax error from a missing element.
  }
  throw new LocalAwsError('MalformedPolicy', 400, 'Policies must be valid JSON and have Statement');
}

function put({ kind, root }: DocumentKind): Operation {
  return async (call: S3Call) => {
    const document = await receiveDocument(call.request, MAX_DOCUMENT_BYTES);
    if (root === undefined) {
      requirePolicy(document);
    } else if (parseXml(document).name !== root) {
      throw malformedXml();
    }
    const bucket = requireBucket(call);
    call.store.buckets.putDocument(bucket.name, kind, document);
    sendEmpty(call.response, root === undefined || kind === 'tagging' ? 204 : 200);
  };
}

function get({ kind, root, missing, preset }: DocumentKind): Operation {
  return (call: S3Call) => {
    const bucket = requireBucket(call);
    const document = call.store.buckets.document(bucket.name, kind) ?? preset;
    // S3 sets a preset when a bucket is made, so a deleted one is gone; here it comes back.
    if (document === undefined) {
      const [code, message] = missing;
      throw new LocalAwsError(code, 404, message, { BucketName: bucket.name });
    }
    sendText(call.response, document, root === undefined ? 'application/json' : 'application/xml');
  };
}

function remove({ kind }: DocumentKind): Operation {
  return (call: S3Call) => {
    const bucket = requireBucket(call);
    call.store.buckets.removeDocument(bucket.name, kind);
    sendEmpty(call.response, 204);
  };
}

/** The operations on stored bucket configurations, by name. */
export const BUCKET_DOCUMENT_OPERATIONS: Readonly<Record<string, Operation>> = {
  GetBucketPolicy: get(POLICY),
  PutBucketPolicy: put(POLICY),
  DeleteBucketPolicy: remove(POLICY),
  GetPublicAccessBlock: get(PUBLIC_ACCESS),
  PutPublicAccessBlock: put(PUBLIC_ACCESS),
  GetBucketEncryption: get(ENCRYPTION),
  PutBucketEncryption: put(ENCRYPTION),
  DeleteBucketEncryption: remove(ENCRYPTION),
  GetBucketTagging: get(TAGGING),
  PutBucketTagging: put(TAGGING),
  DeleteBucketTagging: remove(TAGGING),
  GetBucketLifecycleConfiguration: get(LIFECYCLE),
  PutBucketLifecycleConfiguration: put(LIFECYCLE),
  DeleteBucketLifecycle: remove(LIFECYCLE),
  GetBucketOwnershipControls: get(OWNERSHIP),
  PutBucketOwnershipControls: put(OWNERSHIP),
};
