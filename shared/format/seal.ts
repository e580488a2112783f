import { z } from 'zod';
import type { SnapshotCounts, StoredObject } from '../domain/records.ts';
import { TIERS, type Tier } from '../domain/rotation.ts';
import { damaged, type Origin } from './origin.ts';

const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
const count = z.int().min(0);
const instant = z.iso.datetime();
/** `null`: the object could not be written to that copy (format.md 5.5). */
const version = z.string().nullable();
const object = z.object({
  size: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  versions: z.object({ primary: version, secondary: version }),
});

/** format.md 5.1 */
const schema = z.object({
  format: z.literal(1),
  vaultId: ulid,
  snapshotId: ulid,
  policyId: z.string(),
  policyVersion: count,
  createdAt: instant,
  tiers: z.array(z.enum(TIERS)),
  retainUntil: instant,
  lockedUntil: instant,
  counts: z.object({
    records: count,
    bytes: count,
    readRecords: count,
    readBytes: count,
    packs: count,
    packBytes: count,
    skipped: count,
    skippedBy: z.record(z.string(), count),
  }),
  manifests: z.array(object.extend({ key: z.string() })),
  replaces: z.string().optional(),
  packs: z.array(object.extend({ packId: ulid, snapshotId: ulid, liveBytes: count })),
});

/**
 * What a snapshot consists of, in plain JSON beside it. With the vault's keys it is all that a
 * restore needs. It holds ids, counts, sizes and dates: nothing personal (format.md 1.3).
 */
export interface Seal {
  readonly format: 1;
  readonly vaultId: string;
  readonly snapshotId: string;
  /** The version of the policy that decided its dates. */
  readonly policyId: string;
  readonly policyVersion: number;
  /** ISO 8601 instants in UTC. */
  readonly createdAt: string;
  readonly tiers: readonly Tier[];
  readonly retainUntil: string;
  readonly lockedUntil: string;
  readonly counts: SnapshotCounts;
  /** The manifest's parts in order (format.md 4.6). */
  readonly manifests: readonly StoredObject[];
  /** SHA-256 of the seal in whose place a move to other keys has put this one (format.md 5.6). */
  readonly replaces?: string | undefined;
  /** Every pack the manifest names, ascending by id (format.md 5.2). */
  readonly packs: readonly SealedPack[];
}

/** A pack as a seal names it; its key follows from its id (format.md 1.1). */
export interface SealedPack extends Omit<StoredObject, 'key'> {
  readonly packId: string;
  /** The snapshot whose run wrote it; part of its encryption context. */
  readonly snapshotId: string;
  /** Plaintext bytes of the records that the manifest names in it. */
  readonly liveBytes: number;
}

/** @returns the seal's bytes. */
export function sealBytes(seal: Seal): Buffer {
  return Buffer.from(`${JSON.stringify(seal, null, 2)}\n`);
}

/**
 * Reads a seal's bytes, which have been compared with their SHA-256 before.
 *
 * @throws HoldfastError `OBJECT_DAMAGED` when it is no seal of format 1 (format.md 7.1), belongs
 * to another snapshot, or its packs are out of order.
 */
export function parseSeal(
  bytes: Buffer,
  expected: { vaultId: string; snapshotId: string },
  origin: Origin,
): Seal {
  const seal = schema.safeParse(parseJson(bytes)).data;
  if (seal === undefined) {
    throw damaged(origin, 'malformed: it is not a seal of format 1');
  }
  if (seal.vaultId !== expected.vaultId || seal.snapshotId !== expected.snapshotId) {
    throw damaged(origin, 'belongs to another object');
  }
  const ascending = seal.packs.every((pack, index) => {
    const before = seal.packs[index - 1];
    return before === undefined || before.packId < pack.packId;
  });
  if (!ascending) {
    throw damaged(origin, 'malformed: its packs are out of order');
  }
  return seal;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
