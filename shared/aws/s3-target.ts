import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { BatchCursor } from '../domain/batch-cursor.ts';
import { HoldfastError } from '../domain/errors.ts';
import { MAX_KEY_BYTES, PART_BYTES, partBytesFor } from '../domain/limits.ts';
import type { SourceLocation } from '../domain/records.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import type { VerifiedRecord } from '../format/verified-record.ts';
import type { Target } from '../ports/target.ts';
import { withPayloadHash } from './known-payload-hash.ts';
import { listObjects } from './list-s3-objects.ts';
import { base64OfHex } from './s3-key-encoding.ts';
import { S3PartUpload } from './s3-part-upload.ts';
import { splitIntoParts } from './split-into-parts.ts';
import { awsAnswerOf } from './translate-errors.ts';

export interface S3TargetOptions {
  /** Client of the location's Region. */
  readonly client: S3Client;
  readonly location: SourceLocation;
}

/**
 * Restores to an S3 prefix. An object appears by one last call, after its bytes were verified:
 * small ones are held in memory until then, large ones lie in an open multi-part upload.
 */
export class S3Target implements Target {
  readonly #client: S3Client;
  readonly #location: SourceLocation;

  constructor({ client, location }: S3TargetOptions) {
    this.#client = client;
    this.#location = location;
  }

  async examine(
    batches: AsyncIterable<readonly string[]>,
  ): Promise<{ existing: number; unsafe: number }> {
    const { bucket, prefix } = this.#location;
    const listed = new BatchCursor(listObjects(this.#client, bucket, prefix));
    const fetch = async () =>
      listed.fetch().catch((error: unknown) => {
        throw unwritable(error);
      });
    let existing = 0;
    let unsafe = 0;
    for await (const paths of batches) {
      for (const path of paths) {
        let present = listed.item ?? (await fetch());
        while (present !== undefined && compareUtf8(present.path, path) < 0) {
          listed.advance();
          present = listed.item ?? (await fetch());
        }
        existing += present?.path === path ? 1 : 0;
        unsafe += Buffer.byteLength(prefix + path) > MAX_KEY_BYTES ? 1 : 0;
      }
    }
    return { existing, unsafe };
  }

  async write(verified: VerifiedRecord, overwrite: boolean): Promise<void> {
    if (verified.record.size <= PART_BYTES) {
      await this.#writeWhole(verified, overwrite);
    } else {
      await this.#writeInParts(verified, overwrite);
    }
  }

  async #writeWhole(verified: VerifiedRecord, overwrite: boolean): Promise<void> {
    const Body = await verified.whole();
    const { record } = verified;
    const object = this.#objectOf(record);
    const ChecksumSHA256 = base64OfHex(record.sha256);
    const command = new PutObjectCommand({
      ...object,
      Body,
      ChecksumSHA256,
      ...(overwrite ? {} : { IfNoneMatch: '*' }),
    });
    try {
      await this.#client.send(withPayloadHash(command, record.sha256));
    } catch (error) {
      await this.#requireOwn(object.Key, ChecksumSHA256, error);
    }
  }

  async #writeInParts(verified: VerifiedRecord, overwrite: boolean): Promise<void> {
    const { record } = verified;
    const object = this.#objectOf(record);
    const upload = await S3PartUpload.open(this.#client, object).catch((error: unknown) => {
      throw unwritable(error);
    });
    try {
      for await (const part of splitIntoParts(verified.pieces(), partBytesFor(record.size))) {
        await upload.writePart(part).catch((error: unknown) => {
          throw unwritable(error);
        });
      }
    } catch (error) {
      // What cannot be removed now, the bucket's life-cycle rules remove; the cause matters more.
      await upload.abort().catch(() => undefined);
      throw error;
    }
    try {
      await upload.complete(!overwrite);
    } catch (error) {
      await this.#requireOwn(object.Key, upload.checksum(), error);
      await upload.abort().catch(() => undefined);
    }
  }

  /**
   * The last call of a write failed. When an earlier try of it did its work and only the answer was
   * lost, the object is there with our checksum, and all is well.
   */
  async #requireOwn(Key: string, checksum: string, error: unknown): Promise<void> {
    const answer = awsAnswerOf(error);
    const isTaken = answer.status === 412;
    if (answer.attempts > 1 && (isTaken || answer.code === 'NoSuchUpload')) {
      const head = await this.#client
        .send(
          new HeadObjectCommand({ Bucket: this.#location.bucket, Key, ChecksumMode: 'ENABLED' }),
        )
        .catch(() => undefined);
      if (head?.ChecksumSHA256 === checksum) {
        return;
      }
    }
    throw isTaken ? new HoldfastError('TARGET_EXISTS', { count: 1 }, answer) : unwritable(error);
  }

  #objectOf({ path, contentType, metadata, tags }: ManifestRecord) {
    return {
      Bucket: this.#location.bucket,
      Key: this.#location.prefix + path,
      Metadata: Object.fromEntries(
        Object.entries(metadata).filter(([name]) => HEADER_NAME.test(name)),
      ),
      ...(contentType === null ? {} : { ContentType: contentType }),
      ...(Object.keys(tags).length === 0 ? {} : { Tagging: new URLSearchParams(tags).toString() }),
    };
  }
}

/**
 * What a header can be called (RFC 9110, 5.6.2), where S3 keeps metadata. What files of a folder
 * have beside their content is called otherwise (format.md 4.8) and stays in the snapshot.
 */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

function unwritable(error: unknown): HoldfastError {
  const answer = awsAnswerOf(error);
  return new HoldfastError('TARGET_UNWRITABLE', { reason: `S3 said ${answer.code}` }, answer);
}
