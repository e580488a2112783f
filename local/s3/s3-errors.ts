import { LocalAwsError } from '../gateway/service.ts';

// Codes, statuses and messages are those of the S3 API reference ("Error responses").

/** 403: forbidden whoever asks. */
export function accessDenied(message = 'Access Denied'): LocalAwsError {
  return new LocalAwsError('AccessDenied', 403, message);
}

/** What S3 says when a retention period or legal hold forbids a delete or a shorter lock. */
export function protectedByLock(): LocalAwsError {
  return accessDenied('Access Denied because object protected by object lock.');
}

/** 400: a header or parameter has a value S3 does not take; it is named where known. */
export function invalidArgument(message: string, name?: string, value?: string): LocalAwsError {
  return new LocalAwsError('InvalidArgument', 400, message, {
    ...(name === undefined ? {} : { ArgumentName: name }),
    ...(value === undefined ? {} : { ArgumentValue: value }),
  });
}

/** 400: the request contradicts itself or the state of what it is about. */
export function invalidRequest(message: string): LocalAwsError {
  return new LocalAwsError('InvalidRequest', 400, message);
}

/** 400: the body is no XML, or not the document the operation takes. */
export function malformedXml(): LocalAwsError {
  return new LocalAwsError(
    'MalformedXML',
    400,
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

/** 404: no bucket of that name in any Region. */
export function noSuchBucket(bucket: string): LocalAwsError {
  return new LocalAwsError('NoSuchBucket', 404, 'The specified bucket does not exist', {
    BucketName: bucket,
  });
}

/** 404: nothing, or a delete marker, is current. */
export function noSuchKey(): LocalAwsError {
  return new LocalAwsError('NoSuchKey', 404, 'The specified key does not exist.');
}

/** 404: the key has no version of that id. */
export function noSuchVersion(versionId: string): LocalAwsError {
  return new LocalAwsError('NoSuchVersion', 404, 'The specified version does not exist.', {
    VersionId: versionId,
  });
}

/** 404: never begun, completed, aborted, or begun for another key. */
export function noSuchUpload(uploadId: string): LocalAwsError {
  return new LocalAwsError(
    'NoSuchUpload',
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: uploadId },
  );
}

/**
 * 405: a method S3 lacks for that resource.
 * @param resourceType - `BUCKET`, `OBJECT` or `DeleteMarker`
 */
export function methodNotAllowed(resourceType: string): LocalAwsError {
  return new LocalAwsError(
    'MethodNotAllowed',
    405,
    'The specified method is not allowed against this resource.',
    { ResourceType: resourceType },
  );
}

/** @param condition - the header that did not hold, as S3 names it in the error */
export function preconditionFailed(condition: string): LocalAwsError {
  return new LocalAwsError(
    'PreconditionFailed',
    412,
    'At least one of the pre-conditions you specified did not hold',
    { Condition: condition },
  );
}

/** A conditional read whose answer is "nothing new"; it goes out without a body. */
export function notModified(): LocalAwsError {
  return new LocalAwsError('NotModified', 304, 'Not Modified');
}

/**
 * 400: the body is not the one the client computed its checksum over.
 * @param algorithm - as the message names it
 */
export function badDigest(algorithm: string): LocalAwsError {
  return new LocalAwsError(
    'BadDigest',
    400,
    `The ${algorithm} you specified did not match the calculated checksum.`,
  );
}

/** 400: lock settings for a bucket without Object Lock. */
export function missingLockConfiguration(): LocalAwsError {
  return invalidRequest('Bucket is missing Object Lock Configuration');
}

/** 501: the answer to everything this S3 lacks; the message names it. */
export function notImplemented(message: string): LocalAwsError {
  return new LocalAwsError('NotImplemented', 501, message);
}

/** 400: sizes in bytes of UTF-8. */
export function keyTooLong(size: number, most: number): LocalAwsError {
  return new LocalAwsError('KeyTooLongError', 400, 'Your key is too long', {
    Size: String(size),
    MaxSizeAllowed: String(most),
  });
}

/** 400: sizes in bytes. */
export function entityTooLarge(size: number, most: number): LocalAwsError {
  return new LocalAwsError(
    'EntityTooLarge',
    400,
    'Your proposed upload exceeds the maximum allowed size',
    { ProposedSize: String(size), MaxSizeAllowed: String(most) },
  );
}

/** 400: the body ended before its announced length. */
export function incompleteBody(): LocalAwsError {
  return new LocalAwsError(
    'IncompleteBody',
    400,
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
}
