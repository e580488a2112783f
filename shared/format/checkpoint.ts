import { z } from 'zod';
import type { ChainEnd } from '../domain/audit-records.ts';
import { inclusionProof, isIncluded, leafHash, treeRoot } from '../domain/merkle-tree.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A vault's or a client's id, or `installation`. */
export const chainId = z.string().regex(/^([0-7][0-9A-HJKMNP-TV-Z]{25}|installation)$/);
const day = z.iso.date();

/** That a chain does not hold, as it was found first (format.md 9.4). */
export const finding = z.strictObject({
  /** Day of the checkpoint that found it. */
  since: day,
  /** The first entry that was wrong then, and how. */
  at: z.int().min(0),
  what: z.enum(['changed', 'missing', 'out-of-place', 'truncated', 'beyond']),
});

export type Finding = z.infer<typeof finding>;

/**
 * The end of one audit chain: its id, its length and the hash of its last entry; and of a chain
 * that was ever found broken, how.
 */
export type Head = readonly [chainId: string, entries: number, head: string, finding?: Finding];

const headParts = [chainId, z.int().min(0), sha256] as const;

/** What is signed (format.md 9.2). */
const statement = z.object({
  format: z.literal(1),
  installation: z.string(),
  date: day,
  at: z.iso.datetime(),
  /** Chains under the root. */
  chains: z.int().min(0),
  root: sha256,
  /** How many of them were found broken, then or on any day before. */
  broken: z.int().min(0),
  /** The checkpoint before; `null` for the first. */
  previous: z.object({ date: day, payloadSha256: sha256 }).nullable(),
});

export type CheckpointStatement = z.infer<typeof statement>;

/** The file (format.md 9.1). */
const file = z.object({
  format: z.literal(1),
  /** Compact JSON Web Signature over the statement. */
  jws: z.string(),
  /** An RFC 3161 token over the SHA-256 of `jws`, base64; `null` where no authority was asked. */
  timestampToken: z.string().nullable(),
  heads: z.array(z.union([z.tuple([...headParts]), z.tuple([...headParts, finding])])),
});

export type CheckpointFile = z.infer<typeof file>;

/** @returns a head: of a chain that always held, without a finding. */
export function makeHead(chain: string, { count, head }: ChainEnd, found: Finding | null): Head {
  return found === null ? [chain, count, head] : [chain, count, head, found];
}

/** That a head lies under the root of a checkpoint. */
export interface HeadProof {
  readonly index: number;
  readonly path: readonly string[];
}

/** @returns the root over heads in ascending order of their chains (format.md 9.3). */
export function rootOf(heads: readonly Head[]): string {
  return treeRoot(heads.map(headHash));
}

/** @returns the proof for one of the heads; `undefined` when the chain is not among them. */
export function proveHead(heads: readonly Head[], chain: string): HeadProof | undefined {
  const index = heads.findIndex(([id]) => id === chain);
  return index < 0 ? undefined : { index, path: inclusionProof(heads.map(headHash), index) };
}

/** @returns whether the head lies under the statement's root. */
export function isUnderRoot(head: Head, proof: HeadProof, { chains, root }: CheckpointStatement) {
  return isIncluded(headHash(head), proof.index, chains, proof.path, root);
}

function headHash(head: Head): string {
  return leafHash(Buffer.from(JSON.stringify(head)));
}

/** @returns the bytes that are signed. */
export function checkpointBytes(checkpoint: CheckpointStatement): Buffer {
  return Buffer.from(JSON.stringify(checkpoint));
}

/** @returns the statement, `undefined` when the bytes are none. */
export function parseCheckpointStatement(bytes: Uint8Array): CheckpointStatement | undefined {
  return statement.safeParse(parseJson(bytes)).data;
}

/** @returns the bytes of the file. */
export function checkpointFileBytes(checkpoint: CheckpointFile): Buffer {
  return Buffer.from(`${JSON.stringify(checkpoint)}\n`);
}

/** @returns the file, `undefined` when the bytes are none. */
export function parseCheckpointFile(bytes: Uint8Array): CheckpointFile | undefined {
  return file.safeParse(parseJson(bytes)).data;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
