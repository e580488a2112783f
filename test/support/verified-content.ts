import type { ManifestRecord } from '../../shared/format/manifest-record.ts';
import type { PackedRecord } from '../../shared/format/pack-reader.ts';
import { VerifiedRecord } from '../../shared/format/verified-record.ts';
import { inPieces, ORIGIN } from './read-message.ts';

/** A record as a pack gives a small one. */
export function packedWhole(name: string, bytes: Buffer): PackedRecord {
  return { name, size: bytes.length, bytes, pieces: () => inPieces(bytes) };
}

/**
 * A record as a pack gives a large one.
 * @param size - as its header says. Default: that of the bytes.
 */
export function packedInPieces(name: string, bytes: Buffer, size = bytes.length): PackedRecord {
  return { name, size, bytes: null, pieces: () => inPieces(bytes) };
}

/** @throws HoldfastError `OBJECT_DAMAGED` unless the bytes are the record's. */
export function verifiedWhole(record: ManifestRecord, bytes: Buffer): VerifiedRecord {
  return new VerifiedRecord(record, packedWhole(record.path, bytes), ORIGIN);
}

/** The same in pieces, which are compared while they are read. */
export function verifiedInPieces(record: ManifestRecord, bytes: Buffer): VerifiedRecord {
  return new VerifiedRecord(record, packedInPieces(record.path, bytes, record.size), ORIGIN);
}

/** A record whose pack fails with `failure` before its last byte. */
export function failingRecord(
  record: ManifestRecord,
  bytes: Buffer,
  failure: Error,
): VerifiedRecord {
  async function* pieces(): AsyncGenerator<Buffer> {
    yield* inPieces(bytes.subarray(0, -1));
    throw failure;
  }
  return new VerifiedRecord(record, { ...packedInPieces(record.path, bytes), pieces }, ORIGIN);
}
