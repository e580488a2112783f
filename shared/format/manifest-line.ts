import { z } from 'zod';
import type { ManifestLine } from './manifest-record.ts';

const text = z.string();
const texts = z.record(text, text);

const listed = z.object({
  path: text.min(1),
  size: z.int().min(0),
  modified: z.iso.datetime(),
  etag: text,
});

/** format.md 4.3; fields it does not know are dropped (format.md 7.2). */
const recordSchema = listed.extend({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  contentType: text.nullable(),
  metadata: texts,
  tags: texts,
  pack: text.min(1),
  entry: text.min(1).exactOptional(),
});

/** format.md 4.7 */
const skippedSchema = listed.extend({ skipped: text.min(1) });

/** @returns one line, ended by a line feed. */
export function manifestLine(line: ManifestLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** @returns what a line without its line feed says, `undefined` when it is none. */
export function parseManifestLine(line: string): ManifestLine | undefined {
  let value: { skipped?: unknown } | null;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const schema = value?.skipped === undefined ? recordSchema : skippedSchema;
  return schema.safeParse(value).data;
}
