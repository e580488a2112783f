import { awsClients } from '../aws/aws-clients.ts';
import { S3Source } from '../aws/s3-source.ts';
import type { SourceLocation } from '../domain/records.ts';

/** How much lies below a prefix, as far as it was listed. */
export interface MeasuredSource {
  readonly records: number;
  readonly bytes: number;
  /** Whether all of it was listed. */
  readonly whole: boolean;
}

/**
 * Lists an S3 prefix with the credentials of the caller and adds up what lies there.
 * @param most - records after which it stops, at the end of a page.
 * @throws HoldfastError `SOURCE_MISSING`, `SOURCE_DENIED`, `SOURCE_UNAVAILABLE`.
 */
export async function measureSource(
  location: SourceLocation,
  most: number,
): Promise<MeasuredSource> {
  const client = awsClients().s3(location.region);
  const source = new S3Source({ client, location });
  let [records, bytes] = [0, 0];
  for await (const page of source.list()) {
    if (records >= most) {
      return { records, bytes, whole: false };
    }
    records += page.length;
    bytes += page.reduce((sum, { size }) => sum + size, 0);
  }
  return { records, bytes, whole: true };
}
