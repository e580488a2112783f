import type { ChecksumAlgorithm, ObjectChecksum } from '../checksum/algorithm.ts';
import type { BodySegment } from './body-files.ts';

/** GOVERNANCE can be bypassed by a request that says so, COMPLIANCE by none. */
export type LockMode = 'GOVERNANCE' | 'COMPLIANCE';

/** Protection of one version. A retention has both its fields or neither. */
export interface ObjectLock {
  readonly mode?: LockMode;
  /** Milliseconds since the epoch. */
  readonly until?: number;
  readonly legalHold: boolean;
}

/** The lock of what has none, such as delete markers. */
export const UNLOCKED: ObjectLock = { legalHold: false };

/** What a client says about an object when it writes one, besides its bytes. */
export interface ObjectDescription {
  /** Content headers by lower-case name, as S3 returns them. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata by lower-case name without `x-amz-meta-`; values are decoded text. */
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly storageClass: string;
  /** Server-side encryption headers, echoed but not performed. */
  readonly encryption: Readonly<Record<string, string>>;
}

/** An object tag, as sent. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** One part of an object made by a multipart upload. */
export interface ObjectPart {
  readonly partNumber: number;
  readonly size: number;
  readonly checksum?: string;
}

/** A version to be stored; the store adds its place in the order. */
export interface NewVersion extends ObjectDescription {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly isMarker: boolean;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly lock: ObjectLock;
  readonly segments: readonly BodySegment[];
  readonly checksum?: ObjectChecksum;
  readonly parts?: readonly ObjectPart[];
}

/** A stored version or delete marker. */
export interface ObjectVersion extends NewVersion {
  readonly seq: number;
  readonly isLatest: boolean;
}

/** Version id of objects written while versioning was not enabled. */
export const NULL_VERSION = 'null';

/** A part of an unfinished upload. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly segment: BodySegment;
  readonly etag: string;
  readonly modified: number;
  readonly algorithm: ChecksumAlgorithm;
  readonly checksum: string;
}
