import { MAX_SINGLE_PUT_BYTES } from '../limits.ts';
import { type ReceivedPayload, receivePayload } from '../receive-payload.ts';
import { requireBucket, type S3Call } from '../s3-call.ts';
import type { BodySegment, BodyWriter } from '../store/body-files.ts';
import type { Bucket } from '../store/bucket-table.ts';
import type { NewVersion } from '../store/object-version.ts';

/**
 * Fills a body and gives it its final name; on failure nothing stays behind.
 * @param fill - writes the data and says what was learned about it
 */
export async function storeBody<T>(
  call: S3Call,
  fill: (writer: BodyWriter) => Promise<T>,
): Promise<{ segment: BodySegment; learned: T }> {
  const writer = call.store.files.create();
  try {
    const learned = await fill(writer);
    return { segment: await writer.commit(), learned };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** Stores the request's body, verified. */
export function storeRequestBody(
  call: S3Call,
  options: { readonly withServerChecksum?: boolean } = {},
): Promise<{ segment: BodySegment; learned: ReceivedPayload }> {
  return storeBody(call, (writer) =>
    receivePayload(call.request, {
      ...options,
      limit: MAX_SINGLE_PUT_BYTES,
      write: (data) => writer.write(data),
    }),
  );
}

/**
 * Makes a version current. `make` runs in the same transaction, so conditions it checks hold when
 * the version is added, however long the body took; the bucket is read anew for the same reason.
 * @param files - bodies to remove when the version cannot be added
 */
export function commitVersion(
  call: S3Call,
  files: readonly BodySegment[],
  make: (bucket: Bucket) => NewVersion,
): NewVersion {
  const { store } = call;
  try {
    const { version, unused } = store.transaction(() => {
      const added = make(requireBucket(call));
      return { version: added, unused: store.addVersion(added) };
    });
    store.files.remove(unused);
    return version;
  } catch (error) {
    store.files.remove(files);
    throw error;
  }
}

/** Sets `x-amz-version-id`, which S3 leaves out for buckets that never were versioned. */
export function setVersionHeader(call: S3Call, bucket: Bucket, versionId: string): void {
  if (bucket.versioning !== '') {
    call.response.setHeader('x-amz-version-id', versionId);
  }
}
