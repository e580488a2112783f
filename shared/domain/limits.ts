const MIB = 1024 * 1024;

/**
 * Bytes of one part of a multi-part write, except the last. Of S3's 5 MiB to 5 GiB, 16 MiB holds a
 * usual pack (about 32 MiB) in two or three requests, and keeps a writer of both copies at 32 MiB
 * of buffers.
 */
export const PART_BYTES = 16 * MIB;

/**
 * Up to this many bytes are written to a copy in one request, which is cheaper and verified by
 * SHA-256. A pack holds about 32 MiB of plaintext; what does not shrink gains a little on the way.
 */
export const WHOLE_BYTES = 40 * MIB;

/** Most parts of one multi-part write (S3 user guide, multipart upload limits). */
export const MAX_PARTS = 10_000;

/**
 * Days after which a run of the pipeline is stopped, however much is left. A first backup of a
 * large vault takes many turns of up to 15 minutes each: 2 days are about 190, far below the 25,000
 * events an execution may have (Step Functions quotas; a turn makes 6). Shards are executions of
 * their own.
 */
export const LONGEST_RUN_DAYS = 2;

/** Most bytes of an S3 object key in UTF-8 (S3 user guide, object key names). */
export const MAX_KEY_BYTES = 1024;

/** Most records in one ledger write (DynamoDB TransactWriteItems: 100 actions). */
export const MAX_LEDGER_WRITES = 100;

/** @returns the bytes per part with which `size` bytes fit into S3's number of parts. */
export function partBytesFor(size: number): number {
  const least = Math.ceil(size / MAX_PARTS / MIB) * MIB;
  return Math.max(PART_BYTES, least);
}

/** Most packs that a push has carried forward in one call of the admin API. */
export const MOST_CARRIED_PACKS = 1000;
