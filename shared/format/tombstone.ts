import { z } from 'zod';
import type { Origin } from './origin.ts';
import { damaged } from './origin.ts';

const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
const instant = z.iso.datetime();

/** What lies in both copies for as long as the installation lives (format.md 8.5). */
const schema = z.object({
  format: z.literal(1),
  kind: z.literal('tombstone'),
  vaultId: ulid,
  erasureId: ulid,
  erasedAt: instant,
  /** The certificate that was being issued when this was written. */
  certificateId: ulid,
  /** The keys that are destroyed: KMS says that it knows neither. */
  keys: z.object({ primary: z.string(), secondary: z.string() }),
});

/** Says that a vault was erased, for whoever has nothing but the copies. */
export type Tombstone = z.infer<typeof schema>;

/** @returns a tombstone's bytes. */
export function tombstoneBytes(tombstone: Tombstone): Buffer {
  return Buffer.from(`${JSON.stringify(tombstone, null, 2)}\n`);
}

/** @throws HoldfastError `OBJECT_DAMAGED` when it is no tombstone of this vault. */
export function parseTombstone(bytes: Buffer, vaultId: string, origin: Origin): Tombstone {
  const tombstone = schema.safeParse(parseJson(bytes)).data;
  if (tombstone === undefined) {
    throw damaged(origin, 'malformed: it is not a tombstone of format 1');
  }
  if (tombstone.vaultId !== vaultId) {
    throw damaged(origin, 'belongs to another object');
  }
  return tombstone;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
