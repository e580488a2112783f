import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { HoldfastError } from '../domain/errors.ts';
import type { SourceLocation } from '../domain/records.ts';
import type { Source, SourceContent, SourceEntry } from '../ports/source.ts';
import { listObjects } from './list-s3-objects.ts';
import { resumingBody } from './resuming-body.ts';
import { type AwsAnswer, awsAnswerOf } from './translate-errors.ts';

export interface S3SourceOptions {
  /** Client of the location's Region. */
  readonly client: S3Client;
  readonly location: SourceLocation;
  /** Whose source it is, for messages. */
  readonly vaultId: string;
}

/** The records under an S3 prefix. */
export class S3Source implements Source {
  readonly #client: S3Client;
  readonly #location: SourceLocation;
  readonly #vaultId: string;

  constructor({ client, location, vaultId }: S3SourceOptions) {
    this.#client = client;
    this.#location = location;
    this.#vaultId = vaultId;
  }

  async *list(): AsyncIterable<SourceEntry> {
    const { bucket, prefix } = this.#location;
    try {
      for await (const { modified, ...entry } of listObjects(this.#client, bucket, prefix)) {
        yield { ...entry, modified: modified.toISOString() };
      }
    } catch (error) {
      throw this.#fault(awsAnswerOf(error));
    }
  }

  async read(entry: SourceEntry): Promise<SourceContent | undefined> {
    const first = await this.#get(entry, 0);
    if (first === undefined) {
      return undefined;
    }
    const tags = (first.TagCount ?? 0) > 0 ? await this.#tags(entry, first.VersionId) : {};
    const body = resumingBody({
      first: first.Body as Readable,
      size: entry.size,
      reopen: (offset) => this.#reopen(entry, offset),
      fault: () => new HoldfastError('SOURCE_UNAVAILABLE', { vaultId: this.#vaultId }),
    });
    return {
      body,
      contentType: first.ContentType ?? null,
      metadata: lowerCased(first.Metadata ?? {}),
      tags,
    };
  }

  async #get(entry: SourceEntry, offset: number): Promise<GetObjectCommandOutput | undefined> {
    const command = new GetObjectCommand({
      ...this.#at(entry),
      IfMatch: `"${entry.etag}"`,
      Range: offset === 0 ? undefined : `bytes=${offset}-`,
    });
    try {
      return await this.#client.send(command);
    } catch (error) {
      const answer = awsAnswerOf(error);
      const isGone = answer.status === 412 || answer.code === 'NoSuchKey';
      // An archived object must be brought back by its owner before it can be read.
      if (isGone || answer.code === 'InvalidObjectState') {
        return undefined;
      }
      throw this.#fault(answer);
    }
  }

  async #reopen(entry: SourceEntry, offset: number): Promise<Readable> {
    const rest = await this.#get(entry, offset);
    if (rest === undefined) {
      throw new HoldfastError('SOURCE_UNAVAILABLE', { vaultId: this.#vaultId });
    }
    return rest.Body as Readable;
  }

  async #tags(entry: SourceEntry, versionId: string | undefined): Promise<Record<string, string>> {
    const command = new GetObjectTaggingCommand({ ...this.#at(entry), VersionId: versionId });
    const { TagSet } = await this.#client.send(command).catch((error: unknown) => {
      throw this.#fault(awsAnswerOf(error));
    });
    return Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  }

  #at(entry: SourceEntry): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.#location;
    return { Bucket: bucket, Key: prefix + entry.path };
  }

  #fault(answer: AwsAnswer): HoldfastError {
    return new HoldfastError(codeOf(answer), { vaultId: this.#vaultId }, answer);
  }
}

function codeOf(answer: AwsAnswer): 'SOURCE_MISSING' | 'SOURCE_DENIED' | 'SOURCE_UNAVAILABLE' {
  // A bucket in another Region than configured is redirected; here it does not exist.
  if (answer.code === 'NoSuchBucket' || answer.status === 301) {
    return 'SOURCE_MISSING';
  }
  return answer.isTransient ? 'SOURCE_UNAVAILABLE' : 'SOURCE_DENIED';
}

function lowerCased(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([k, v]) => [k.toLowerCase(), v]));
}
