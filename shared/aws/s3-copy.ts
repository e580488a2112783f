import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { CopyName } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Copy, CopyListing, CopyObjectState, CopyUpload, CopyWrite } from '../ports/copy.ts';
import { withPayloadHash } from './known-payload-hash.ts';
import { listVersionFolders, listVersions } from './list-s3-versions.ts';
import { resumingBody } from './resuming-body.ts';
import { S3CopyUpload } from './s3-copy-upload.ts';
import { base64OfHex, hexOfBase64 } from './s3-key-encoding.ts';
import { S3PartUpload } from './s3-part-upload.ts';
import { type AwsAnswer, awsAnswerOf } from './translate-errors.ts';

/** What S3 answers when a body's checksum is not the stated one. */
const CHECKSUM_REFUSALS = [
  'BadDigest',
  'InvalidDigest',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
];

/** Statuses of a HEAD for a version that is not there, or is a delete marker (405). */
const ABSENT_STATUSES = [404, 405];

export interface S3CopyOptions {
  readonly name: CopyName;
  /** One that leaves checksums of what is read to the reader: `AwsClients.s3OfCopy`. */
  readonly client: S3Client;
  readonly bucket: string;
  /** Tells an ended lock from one in force, when S3 denies a removal without a reason. */
  readonly clock: Clock;
}

/** A copy in a versioned bucket with Object Lock. */
export class S3Copy implements Copy {
  readonly name: CopyName;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: Clock;

  constructor({ name, client, bucket, clock }: S3CopyOptions) {
    this.name = name;
    this.#client = client;
    this.#bucket = bucket;
    this.#clock = clock;
  }

  async put(
    key: string,
    bytes: Uint8Array,
    write: CopyWrite & { sha256: string },
  ): Promise<string> {
    const checksum = base64OfHex(write.sha256);
    const command = new PutObjectCommand({
      ...this.#locked(key, write),
      Body: bytes,
      ChecksumSHA256: checksum,
      ...(write.besides ? {} : { IfNoneMatch: '*' }),
    });
    try {
      return requireVersion(await this.#client.send(withPayloadHash(command, write.sha256)));
    } catch (error) {
      const answer = awsAnswerOf(error);
      if (answer.status === 412) {
        return this.#takeOver(key, checksum, write.lockedUntil);
      }
      if (CHECKSUM_REFUSALS.includes(answer.code)) {
        throw this.#damaged(key, 'the store computed another SHA-256', answer);
      }
      throw this.#fault(key, answer);
    }
  }

  async open(key: string, write: CopyWrite): Promise<CopyUpload> {
    const parts = await S3PartUpload.open(this.#client, this.#locked(key, write)).catch(
      (error: unknown) => {
        throw this.#fault(key, awsAnswerOf(error));
      },
    );
    return new S3CopyUpload({
      parts,
      onlyIfNew: !write.besides,
      fault: (answer) => this.#fault(key, answer),
      takeOver: (checksum) => this.#takeOver(key, checksum, write.lockedUntil),
    });
  }

  async read(key: string, versionId: string): Promise<Readable> {
    const at = { Bucket: this.#bucket, Key: key, VersionId: versionId };
    const get = async (offset: number) => {
      const Range = offset === 0 ? undefined : `bytes=${offset}-`;
      const { Body, ContentLength } = await this.#client
        .send(new GetObjectCommand({ ...at, Range }))
        .catch((error: unknown) => {
          const answer = awsAnswerOf(error);
          throw ABSENT_STATUSES.includes(answer.status ?? 0)
            ? this.#missing(key)
            : this.#fault(key, answer);
        });
      return { body: Body as Readable, size: ContentLength ?? 0 };
    };
    const { body, size } = await get(0);
    return resumingBody({
      first: body,
      size,
      reopen: async (offset) => (await get(offset)).body,
      fault: () => new HoldfastError('COPY_UNAVAILABLE', { copy: this.name, object: key }),
    });
  }

  async inspect(key: string, versionId: string): Promise<CopyObjectState | undefined> {
    const head = await this.#head(key, versionId);
    return (
      head && {
        size: head.ContentLength ?? 0,
        lockedUntil: lockOf(head),
        legalHold: head.ObjectLockLegalHoldStatus === 'ON',
        sha256: hexOfBase64(head.ChecksumSHA256),
      }
    );
  }

  async extendLock(key: string, versionId: string, until: Date): Promise<void> {
    const head = await this.#head(key, versionId);
    if (head === undefined) {
      throw this.#missing(key);
    }
    if (isLockedUntil(head, until)) {
      return;
    }
    const command = new PutObjectRetentionCommand({
      Bucket: this.#bucket,
      Key: key,
      VersionId: versionId,
      Retention: { Mode: 'COMPLIANCE', RetainUntilDate: until },
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      // Someone may have extended it further meanwhile; S3 then refuses the earlier date.
      const now = await this.#head(key, versionId);
      if (now === undefined || !isLockedUntil(now, until)) {
        throw this.#fault(key, awsAnswerOf(error));
      }
    }
  }

  async setLegalHold(key: string, versionId: string, on: boolean): Promise<void> {
    const at = { Bucket: this.#bucket, Key: key, VersionId: versionId };
    const LegalHold = { Status: on ? ('ON' as const) : ('OFF' as const) };
    try {
      await this.#client.send(new PutObjectLegalHoldCommand({ ...at, LegalHold }));
    } catch (error) {
      const answer = awsAnswerOf(error);
      throw ABSENT_STATUSES.includes(answer.status ?? 0)
        ? this.#missing(key)
        : this.#fault(key, answer);
    }
  }

  async remove(key: string, versionId: string): Promise<void> {
    const at = { Bucket: this.#bucket, Key: key, VersionId: versionId };
    try {
      await this.#client.send(new DeleteObjectCommand(at));
    } catch (error) {
      const answer = awsAnswerOf(error);
      const head = answer.status === 403 ? await this.#head(key, versionId) : undefined;
      const lockedUntil = head && lockOf(head);
      const isLocked = lockedUntil && lockedUntil > this.#clock.now();
      if (isLocked || head?.ObjectLockLegalHoldStatus === 'ON') {
        throw new HoldfastError('OBJECT_LOCKED', { copy: this.name, object: key }, answer);
      }
      throw this.#fault(key, answer);
    }
  }

  async *listFolders(prefix: string, after?: string): AsyncIterable<string> {
    try {
      yield* listVersionFolders(this.#client, this.#bucket, prefix, after);
    } catch (error) {
      throw this.#fault(prefix, awsAnswerOf(error));
    }
  }

  async *list(prefix: string): AsyncIterable<CopyListing> {
    try {
      yield* listVersions(this.#client, this.#bucket, prefix);
    } catch (error) {
      throw this.#fault(prefix, awsAnswerOf(error));
    }
  }

  /**
   * A write found its key taken. When the same bytes lie there, with a lock as long as asked for,
   * it is this write's own earlier try, whose answer was lost.
   */
  async #takeOver(key: string, checksum: string, lockedUntil: Date): Promise<string> {
    const head = await this.#head(key, undefined);
    if (head?.ChecksumSHA256 !== checksum || !isLockedUntil(head, lockedUntil)) {
      throw this.#damaged(key, 'another object has its place');
    }
    return requireVersion(head);
  }

  async #head(
    key: string,
    versionId: string | undefined,
  ): Promise<HeadObjectCommandOutput | undefined> {
    const command = new HeadObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      VersionId: versionId,
      ChecksumMode: 'ENABLED',
    });
    try {
      return await this.#client.send(command);
    } catch (error) {
      const answer = awsAnswerOf(error);
      if (ABSENT_STATUSES.includes(answer.status ?? 0)) {
        return undefined;
      }
      throw this.#fault(key, answer);
    }
  }

  #locked(key: string, { contentType, lockedUntil }: CopyWrite) {
    return {
      Bucket: this.#bucket,
      Key: key,
      ContentType: contentType,
      ObjectLockMode: 'COMPLIANCE' as const,
      ObjectLockRetainUntilDate: lockedUntil,
    };
  }

  #fault(object: string, answer: AwsAnswer): HoldfastError {
    const code = answer.isTransient ? 'COPY_UNAVAILABLE' : 'COPY_DENIED';
    return new HoldfastError(code, { copy: this.name, object }, answer);
  }

  #missing(object: string): HoldfastError {
    return new HoldfastError('OBJECT_MISSING', { copy: this.name, object });
  }

  #damaged(object: string, problem: string, cause?: AwsAnswer): HoldfastError {
    return new HoldfastError('OBJECT_DAMAGED', { copy: this.name, object, problem }, cause);
  }
}

/** @returns the end of a COMPLIANCE lock; GOVERNANCE can be lifted and counts as none. */
function lockOf(head: HeadObjectCommandOutput): Date | null {
  return head.ObjectLockMode === 'COMPLIANCE' ? (head.ObjectLockRetainUntilDate ?? null) : null;
}

/** Compares whole seconds, to which S3 may round a date. */
function isLockedUntil(head: HeadObjectCommandOutput, until: Date): boolean {
  const seconds = (date: Date | null): number => Math.floor((date?.getTime() ?? 0) / 1000);
  return seconds(lockOf(head)) >= seconds(until);
}

function requireVersion({ VersionId }: { VersionId?: string | undefined }): string {
  if (VersionId === undefined) {
    throw new Error('The bucket of a copy is not versioned.');
  }
  return VersionId;
}
