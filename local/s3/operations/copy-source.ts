import type { ByteRange } from '../byte-range.ts';
import { type ChecksumAlgorithm, createHasher } from '../checksum/algorithm.ts';
import { requireReadConditions } from '../conditions.ts';
import { decodePath } from '../parse-address.ts';
import { headerOf, type S3Call } from '../s3-call.ts';
import {
  invalidArgument,
  invalidRequest,
  noSuchBucket,
  noSuchKey,
  noSuchVersion,
} from '../s3-errors.ts';
import type { BodySegment } from '../store/body-files.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import { readBody } from '../store/read-body.ts';
import { storeBody } from './write-object.ts';

/** What a copy reads from. */
export interface CopySource {
  readonly version: ObjectVersion;
  /** Whether the request named this version, which S3 then states in its answer. */
  readonly named: boolean;
}

/**
 * The source of a copy, in any Region, its `x-amz-copy-source-if-*` conditions checked.
 * @throws LocalAwsError `InvalidArgument`, `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`,
 *   `InvalidRequest` for a delete marker, `PreconditionFailed`
 */
export function requireCopySource(call: S3Call): CopySource {
  const header = headerOf(call, 'x-amz-copy-source') ?? '';
  const [, path = header, id] = /^(.*)\?versionId=([^&]*)$/s.exec(header) ?? [];
  const decoded = decodePath(path).replace(/^\//, '');
  const slash = decoded.indexOf('/');
  const bucket = decoded.slice(0, slash);
  const key = decoded.slice(slash + 1);
  if (slash < 1 || key === '') {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
    );
  }
  const { store } = call;
  if (store.buckets.find(bucket) === undefined) {
    throw noSuchBucket(bucket);
  }
  const versionId = id === undefined ? undefined : decodePath(id);
  const version =
    versionId === undefined
      ? store.versions.current(bucket, key)
      : store.versions.byId(bucket, key, versionId);
  if (version === undefined || (version.isMarker && versionId === undefined)) {
    throw versionId === undefined ? noSuchKey() : noSuchVersion(versionId);
  }
  if (version.isMarker) {
    throw invalidRequest(
      'The source of a copy request may not specifically refer to a delete marker by version id.',
    );
  }
  requireReadConditions(call, version, 'x-amz-copy-source-');
  return { version, named: versionId !== undefined };
}

/** Copies bytes of a version into a new body, with the digests of what was copied. */
export async function copyBody(
  call: S3Call,
  source: ObjectVersion,
  range: ByteRange,
  algorithm: ChecksumAlgorithm,
): Promise<{ segment: BodySegment; md5: string; checksum: string }> {
  const { files } = call.store;
  const release = files.hold(source.segments);
  try {
    const { segment, learned } = await storeBody(call, async (writer) => {
      const md5 = createHasher('MD5');
      const hasher = createHasher(algorithm);
      for await (const data of readBody(files, source.segments, range.start, range.end)) {
        md5.update(data);
        hasher.update(data);
        await writer.write(data);
      }
      return { md5: md5.digest().toString('hex'), checksum: hasher.digest().toString('base64') };
    });
    return { segment, ...learned };
  } finally {
    release();
  }
}
