import type { HoldfastError } from '../domain/errors.ts';
import type { CopyUpload } from '../ports/copy.ts';
import type { S3PartUpload } from './s3-part-upload.ts';
import { type AwsAnswer, awsAnswerOf } from './translate-errors.ts';

export interface S3CopyUploadOptions {
  readonly parts: S3PartUpload;
  /** Whether a key that is taken refuses the write. */
  readonly onlyIfNew: boolean;
  readonly fault: (answer: AwsAnswer) => HoldfastError;
  /** Looks whether an object with this checksum is there already; gives its version id. */
  readonly takeOver: (checksum: string) => Promise<string>;
}

/** A write in parts to a copy. */
export class S3CopyUpload implements CopyUpload {
  readonly #parts: S3PartUpload;
  readonly #options: S3CopyUploadOptions;

  constructor(options: S3CopyUploadOptions) {
    this.#parts = options.parts;
    this.#options = options;
  }

  async writePart(bytes: Uint8Array): Promise<void> {
    try {
      await this.#parts.writePart(bytes);
    } catch (error) {
      throw this.#options.fault(awsAnswerOf(error));
    }
  }

  async finish(): Promise<string> {
    const { takeOver, fault, onlyIfNew } = this.#options;
    try {
      return (await this.#parts.complete(onlyIfNew)) ?? (await takeOver(this.#parts.checksum()));
    } catch (error) {
      const answer = awsAnswerOf(error);
      // The upload is gone or its key is taken: perhaps by an earlier try whose answer was lost.
      if (answer.status === 412 || answer.code === 'NoSuchUpload') {
        return takeOver(this.#parts.checksum());
      }
      throw fault(answer);
    }
  }

  async abort(): Promise<void> {
    try {
      await this.#parts.abort();
    } catch (error) {
      throw this.#options.fault(awsAnswerOf(error));
    }
  }
}
