import { z } from 'zod';
import type { ManifestRecord } from './manifest-record.ts';

const text = z.string();
const texts = z.record(text, text);

/** format.md 4.3; fields it does not know are dropped (format.md 7.2). */
const schema = z.object({
  path: text.min(1),
  size: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  modified: z.iso.datetime(),
  etag: text,
  contentType: text.nullable(),
  metadata: texts,
  tags: texts,
  pack: text.min(1),
  entry: text.min(1).exactOptional(),
});

/** @returns the line of one record, ended by a line feed. */
export function manifestLine(record: ManifestRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** @returns the record of a line without its line feed, `undefined` when it is not one. */
export function parseManifestLine(line: string): ManifestRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return schema.safeParse(value).data;
}
