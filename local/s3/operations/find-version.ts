import type { S3Call } from '../s3-call.ts';
import { invalidArgument, methodNotAllowed, noSuchKey, noSuchVersion } from '../s3-errors.ts';
import { httpTime } from '../send-response.ts';
import type { ObjectVersion } from '../store/object-version.ts';

/**
 * The version named by a version id, or the current one.
 * @throws LocalAwsError `NoSuchKey` when nothing or a delete marker is current
 * @throws LocalAwsError `NoSuchVersion`
 * @throws LocalAwsError `MethodNotAllowed` when the id names a delete marker
 */
export function requireVersion(call: S3Call): ObjectVersion {
  const { store, response } = call;
  const versionId = requestedVersion(call);
  if (versionId === undefined) {
    const current = store.versions.current(call.bucket, call.key);
    if (current?.isMarker) {
      response.setHeader('x-amz-delete-marker', 'true');
      response.setHeader('x-amz-version-id', current.versionId);
    }
    if (current === undefined || current.isMarker) {
      throw noSuchKey();
    }
    return current;
  }
  const version = store.versions.byId(call.bucket, call.key, versionId);
  if (version === undefined) {
    throw noSuchVersion(versionId);
  }
  if (version.isMarker) {
    response.setHeader('x-amz-delete-marker', 'true');
    response.setHeader('x-amz-version-id', version.versionId);
    response.setHeader('last-modified', httpTime(version.modified));
    response.setHeader('allow', 'DELETE');
    throw methodNotAllowed('DeleteMarker');
  }
  return version;
}

/** @throws LocalAwsError `InvalidArgument` for `?versionId=` without a value */
export function requestedVersion(call: S3Call): string | undefined {
  const versionId = call.query.get('versionId');
  if (versionId === '') {
    throw invalidArgument('Version id cannot be the empty string', 'versionId', '');
  }
  return versionId ?? undefined;
}
