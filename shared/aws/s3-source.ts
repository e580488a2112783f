import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { HoldfastError } from '../domain/errors.ts';
import type { PathRange } from '../domain/path-range.ts';
import type { SourceLocation } from '../domain/records.ts';
import type { SkipReason } from '../domain/skip-reason.ts';
import type { SkippedRead, Source, SourceContent, SourceEntry } from '../ports/source.ts';
import { listObjects } from './list-s3-objects.ts';
import { resumingBody } from './resuming-body.ts';
import { type AwsAnswer, awsAnswerOf } from './translate-errors.ts';

export interface S3SourceOptions {
  /** Client of the location's Region. */
  readonly client: S3Client;
  readonly location: SourceLocation;
  /** Whose source it is, for messages. @default of no vault yet: the bucket is named */
  readonly vaultId?: string;
}

/**
 * The records under an S3 prefix. A listing names no versions: that every read asks for the listed
 * ETag (`If-Match`) pins the content, in buckets with versions as in others.
 */
export class S3Source implements Source {
  readonly #client: S3Client;
  readonly #location: SourceLocation;
  readonly #owner: { vaultId: string } | { bucket: string };

  constructor({ client, location, vaultId }: S3SourceOptions) {
    this.#client = client;
    this.#location = location;
    this.#owner = vaultId === undefined ? { bucket: location.bucket } : { vaultId };
  }

  async *list(range?: PathRange): AsyncIterable<readonly SourceEntry[]> {
    const { bucket, prefix } = this.#location;
    try {
      yield* listObjects(this.#client, bucket, prefix, range);
    } catch (error) {
      throw this.#fault(awsAnswerOf(error));
    }
  }

  async read(entry: SourceEntry): Promise<SourceContent | SkippedRead> {
    const content = await this.#open(entry);
    if (!('skipped' in content) || content.skipped !== 'changed') {
      return content;
    }
    const listed = await this.#look(entry.path);
    if ('skipped' in listed) {
      return listed;
    }
    const again = await this.#open(listed);
    return 'skipped' in again ? again : { ...again, listed };
  }

  async #open(entry: SourceEntry): Promise<SourceContent | SkippedRead> {
    const first = await this.#get(entry, 0);
    if ('skipped' in first) {
      return first;
    }
    const isTagged = (first.TagCount ?? 0) > 0;
    const tagging = isTagged ? await this.#tags(entry, first.VersionId) : { tags: {} };
    if ('skipped' in tagging) {
      (first.Body as Readable).destroy();
      return tagging;
    }
    const body = resumingBody({
      first: first.Body as Readable,
      size: entry.size,
      reopen: (offset) => this.#reopen(entry, offset),
      fault: () => new HoldfastError('SOURCE_UNAVAILABLE', this.#owner),
    });
    return {
      body,
      contentType: first.ContentType ?? null,
      metadata: lowerCased(first.Metadata ?? {}),
      tags: tagging.tags,
    };
  }

  /** Lists one record anew. */
  async #look(path: string): Promise<SourceEntry | SkippedRead> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#at({ path })));
      const etag = (head.ETag ?? '').replaceAll('"', '');
      const modified = (head.LastModified ?? new Date(0)).toISOString();
      return { path, size: head.ContentLength ?? 0, etag, modified };
    } catch (error) {
      const answer = awsAnswerOf(error);
      // An answer to HEAD has no body and so no code.
      const skipped = { 403: 'denied', 404: 'vanished' }[answer.status ?? 0] as SkipReason;
      if (answer.isTransient || skipped === undefined) {
        throw this.#fault(answer);
      }
      return { skipped };
    }
  }

  async #get(entry: SourceEntry, offset: number): Promise<GetObjectCommandOutput | SkippedRead> {
    const command = new GetObjectCommand({
      ...this.#at(entry),
      IfMatch: `"${entry.etag}"`,
      Range: offset === 0 ? undefined : `bytes=${offset}-`,
    });
    try {
      return await this.#client.send(command);
    } catch (error) {
      return this.#skip(awsAnswerOf(error));
    }
  }

  /** @throws HoldfastError unless the answer is about this one object. */
  #skip(answer: AwsAnswer): SkippedRead {
    const skipped = skipReasonOf(answer);
    if (skipped === undefined) {
      throw this.#fault(answer);
    }
    return { skipped };
  }

  async #reopen(entry: SourceEntry, offset: number): Promise<Readable> {
    const rest = await this.#get(entry, offset);
    if ('skipped' in rest) {
      throw new HoldfastError('SOURCE_UNAVAILABLE', this.#owner);
    }
    return rest.Body as Readable;
  }

  async #tags(
    entry: SourceEntry,
    versionId: string | undefined,
  ): Promise<{ tags: Record<string, string> } | SkippedRead> {
    const command = new GetObjectTaggingCommand({ ...this.#at(entry), VersionId: versionId });
    try {
      const { TagSet = [] } = await this.#client.send(command);
      const tags = TagSet.map(({ Key, Value }) => [Key ?? '', Value ?? '']);
      return { tags: Object.fromEntries(tags) };
    } catch (error) {
      return this.#skip(awsAnswerOf(error));
    }
  }

  #at(entry: Pick<SourceEntry, 'path'>): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.#location;
    return { Bucket: bucket, Key: prefix + entry.path };
  }

  #fault(answer: AwsAnswer): HoldfastError {
    return new HoldfastError(codeOf(answer), this.#owner, answer);
  }
}

/** @returns why one object cannot be read; `undefined` when the answer is about more than it. */
function skipReasonOf({ code, status, isTransient }: AwsAnswer): SkipReason | undefined {
  if (isTransient) {
    return undefined;
  }
  if (status === 412) {
    return 'changed';
  }
  if (code === 'NoSuchKey') {
    return 'vanished';
  }
  // Its owner must bring it back first.
  if (code === 'InvalidObjectState') {
    return 'archived';
  }
  // A key of the owner's that is disabled or may not be used answers with a code of KMS.
  return code === 'AccessDenied' || code.startsWith('KMS.') ? 'denied' : undefined;
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
