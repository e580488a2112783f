import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { ALL_PATHS, isBehindEnd, type PathRange } from '../domain/path-range.ts';
import { decodeListedKey } from './s3-key-encoding.ts';

/** A current object below a prefix. */
export interface ListedObject {
  /** Key without the prefix. */
  readonly path: string;
  readonly size: number;
  /** Without the quotes HTTP puts around it. */
  readonly etag: string;
  /** ISO 8601 instant. */
  readonly modified: string;
}

/**
 * Current objects below a prefix in UTF-8 order, in pages of at most 1,000. The prefix
 * itself, which consoles create as an empty "folder", is left out: it has no name below itself.
 * @param range - paths to list; default: all.
 */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  range: PathRange = ALL_PATHS,
): AsyncGenerator<readonly ListedObject[]> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        StartAfter: range.after === null ? undefined : prefix + range.after,
        EncodingType: 'url',
        ContinuationToken: token,
      }),
    );
    const listed: ListedObject[] = [];
    for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
      const path = decodeListedKey(Key ?? '').slice(prefix.length);
      if (isBehindEnd(range, path)) {
        yield listed;
        return;
      }
      if (path !== '' && LastModified !== undefined) {
        const etag = (ETag ?? '').replaceAll('"', '');
        listed.push({ path, size: Size ?? 0, etag, modified: LastModified.toISOString() });
      }
    }
    yield listed;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
