import type { DataClients } from '../aws/data-clients.ts';
import { S3Copy } from '../aws/s3-copy.ts';
import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import type { Clock } from '../ports/clock.ts';
import type { Copy } from '../ports/copy.ts';
import type { Installation } from '../ports/services.ts';

/** @returns both copies of an installation in S3. */
export function s3Copies(
  { regions, buckets }: Pick<Installation, 'regions' | 'buckets'>,
  clients: Pick<DataClients, 's3OfCopy'>,
  clock: Clock,
): PerCopy<Copy> {
  const copy = (name: CopyName) =>
    new S3Copy({ name, client: clients.s3OfCopy(regions[name]), bucket: buckets[name], clock });
  return { primary: copy('primary'), secondary: copy('secondary') };
}
