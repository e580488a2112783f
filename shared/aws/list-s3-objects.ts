import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { ALL_PATHS, isBehindEnd, type PathRange } from '../domain/path-range.ts';
import { LISTING_END, parseObjectPage } from './parse-object-page.ts';
import { sendForText } from './send-for-text.ts';

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
 * Current objects below a prefix in UTF-8 order, in pages of at most 1,000. The prefix itself,
 * which consoles create as an empty "folder", is left out: it has no name below itself.
 * @param range - paths to list; default: all.
 * @throws the SDK's own errors; `UnreadableListing`.
 */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  range: PathRange = ALL_PATHS,
): AsyncGenerator<readonly ListedObject[]> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      StartAfter: range.after === null ? undefined : prefix + range.after,
      EncodingType: 'url',
      ContinuationToken: token,
    });
    const xml = await sendForText(client, command, LISTING_END);
    const { objects, nextToken } = parseObjectPage(xml);
    const listed = objects
      .filter(({ key }) => key.length > prefix.length)
      .map(({ key, ...rest }) => ({ path: key.slice(prefix.length), ...rest }));
    const last = listed.at(-1);
    if (last !== undefined && isBehindEnd(range, last.path)) {
      yield listed.filter(({ path }) => !isBehindEnd(range, path));
      return;
    }
    yield listed;
    token = nextToken;
  } while (token !== undefined);
}
