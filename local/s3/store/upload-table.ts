import type { DatabaseSync } from 'node:sqlite';
import type { ChecksumAlgorithm, ChecksumType } from '../checksum/algorithm.ts';
import type { ObjectDescription, ObjectLock, UploadedPart } from './object-version.ts';

/** What CreateMultipartUpload fixed for the object to come. */
export interface UploadPlan extends ObjectDescription {
  readonly lock: ObjectLock;
  /** Absent when the client named none; the server then adds its own over the whole object. */
  readonly algorithm?: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
}

/** A multipart upload neither completed nor aborted. */
export interface Upload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly initiated: number;
  readonly plan: UploadPlan;
}

interface UploadRow {
  upload_id: string;
  bucket: string;
  key: string;
  initiated: number;
  detail: string;
}

interface PartRow {
  part_number: number;
  body_id: string;
  size: number;
  etag: string;
  modified: number;
  checksum_algorithm: ChecksumAlgorithm;
  checksum: string;
}

function fromRow(row: UploadRow): Upload {
  return {
    uploadId: row.upload_id,
    bucket: row.bucket,
    key: row.key,
    initiated: row.initiated,
    plan: JSON.parse(row.detail) as UploadPlan,
  };
}

function partFromRow(row: PartRow): UploadedPart {
  return {
    partNumber: row.part_number,
    segment: { id: row.body_id, size: row.size },
    etag: row.etag,
    modified: row.modified,
    algorithm: row.checksum_algorithm,
    checksum: row.checksum,
  };
}

/** Unfinished multipart uploads and their parts. */
export class UploadTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  insert(upload: Upload): void {
    this.#database
      .prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?)')
      .run(
        upload.uploadId,
        upload.bucket,
        upload.key,
        upload.initiated,
        JSON.stringify(upload.plan),
      );
  }

  find(bucket: string, key: string, uploadId: string): Upload | undefined {
    const row = this.#database
      .prepare('SELECT * FROM uploads WHERE upload_id = ? AND bucket = ? AND key = ?')
      .get(uploadId, bucket, key) as UploadRow | undefined;
    return row && fromRow(row);
  }

  /** By key, then by age. */
  list(bucket: string): Upload[] {
    const rows = this.#database
      .prepare('SELECT * FROM uploads WHERE bucket = ? ORDER BY key, initiated, upload_id')
      .all(bucket) as unknown as UploadRow[];
    return rows.map(fromRow);
  }

  /** Removes an upload and its parts' rows; their files are the caller's to remove or keep. */
  remove(uploadId: string): void {
    this.#database.prepare('DELETE FROM uploads WHERE upload_id = ?').run(uploadId);
  }

  putPart(uploadId: string, part: UploadedPart): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        uploadId,
        part.partNumber,
        part.segment.id,
        part.segment.size,
        part.etag,
        part.modified,
        part.algorithm,
        part.checksum,
      );
  }

  part(uploadId: string, partNumber: number): UploadedPart | undefined {
    const row = this.#database
      .prepare('SELECT * FROM parts WHERE upload_id = ? AND part_number = ?')
      .get(uploadId, partNumber) as PartRow | undefined;
    return row && partFromRow(row);
  }

  /** In order of part number. */
  parts(uploadId: string): UploadedPart[] {
    const rows = this.#database
      .prepare('SELECT * FROM parts WHERE upload_id = ? ORDER BY part_number')
      .all(uploadId) as unknown as PartRow[];
    return rows.map(partFromRow);
  }

  /** Ids of every body file a part refers to. */
  *bodyIds(): Generator<string> {
    for (const row of this.#database.prepare('SELECT body_id FROM parts').iterate()) {
      yield row.body_id as string;
    }
  }
}
