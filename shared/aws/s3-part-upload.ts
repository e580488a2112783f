import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { withPayloadHash } from './known-payload-hash.ts';
import { awsAnswerOf } from './translate-errors.ts';

interface UploadId {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/**
 * An object being written to S3 in parts. S3 verifies the SHA-256 of each part and of the list of
 * parts. Errors are the SDK's own; the caller knows what they mean.
 */
export class S3PartUpload {
  readonly #client: S3Client;
  readonly #upload: UploadId;
  readonly #parts: CompletedPart[] = [];
  readonly #digests: Buffer[] = [];

  private constructor(client: S3Client, upload: UploadId) {
    this.#client = client;
    this.#upload = upload;
  }

  static async open(
    client: S3Client,
    input: CreateMultipartUploadCommandInput & { Bucket: string; Key: string },
  ): Promise<S3PartUpload> {
    const command = new CreateMultipartUploadCommand({ ...input, ChecksumAlgorithm: 'SHA256' });
    const { UploadId } = await client.send(command);
    if (UploadId === undefined) {
      throw new Error('S3 opened an upload without an id.');
    }
    return new S3PartUpload(client, { Bucket: input.Bucket, Key: input.Key, UploadId });
  }

  /** Parts arrive in order; S3 takes parts under 5 MiB only as the last. */
  async writePart(bytes: Uint8Array): Promise<void> {
    const digest = createHash('sha256').update(bytes).digest();
    const ChecksumSHA256 = digest.toString('base64');
    const PartNumber = this.#parts.length + 1;
    const part = { ...this.#upload, PartNumber, Body: bytes, ChecksumSHA256 };
    const command = withPayloadHash(new UploadPartCommand(part), digest.toString('hex'));
    const { ETag } = await this.#client.send(command);
    this.#parts.push({ PartNumber, ETag, ChecksumSHA256 });
    this.#digests.push(digest);
  }

  /**
   * Makes the object appear.
   * @param onlyIfNew - whether S3 is to refuse (412) when the key is taken.
   * @returns its version id, `undefined` in a bucket without versions.
   */
  async complete(onlyIfNew: boolean): Promise<string | undefined> {
    if (this.#parts.length === 0) {
      // S3 completes no upload without a part.
      await this.writePart(new Uint8Array());
    }
    const command = new CompleteMultipartUploadCommand({
      ...this.#upload,
      ...(onlyIfNew ? { IfNoneMatch: '*' } : {}),
      MultipartUpload: { Parts: this.#parts },
    });
    return (await this.#client.send(command)).VersionId;
  }

  /** Removes the parts; harmless when the upload has ended. */
  async abort(): Promise<void> {
    try {
      await this.#client.send(new AbortMultipartUploadCommand(this.#upload));
    } catch (error) {
      if (awsAnswerOf(error).code !== 'NoSuchUpload') {
        throw error;
      }
    }
  }

  /** S3's checksum of the finished object: SHA-256 over the parts' SHA-256, and their number. */
  checksum(): string {
    const ofDigests = createHash('sha256').update(Buffer.concat(this.#digests)).digest('base64');
    return `${ofDigests}-${this.#parts.length}`;
  }
}
