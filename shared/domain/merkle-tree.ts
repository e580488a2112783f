import { createHash } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962 2.1 (the same as RFC 9162 2.1.1), with SHA-256. Leaves and nodes are
 * hashed with different first bytes, so that no node can be shown as a leaf. Hashes are lower-case
 * hex.
 */
const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** @returns the hash of one leaf. */
export function leafHash(leaf: Uint8Array): string {
  return sha256(LEAF, leaf);
}

/** @returns the root over leaf hashes; of no leaves, the SHA-256 of nothing. */
export function treeRoot(leaves: readonly string[]): string {
  const [only] = leaves;
  if (only === undefined) {
    return sha256();
  }
  if (leaves.length === 1) {
    return only;
  }
  const split = splitOf(leaves.length);
  return nodeHash(treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split)));
}

/**
 * @returns the hashes that lead from one leaf to the root, the lowest first (RFC 6962 2.1.1).
 * @throws RangeError when there is no such leaf.
 */
export function inclusionProof(leaves: readonly string[], index: number): string[] {
  if (index < 0 || index >= leaves.length) {
    throw new RangeError('The tree has no such leaf.');
  }
  if (leaves.length === 1) {
    return [];
  }
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...inclusionProof(left, index), treeRoot(right)]
    : [...inclusionProof(right, index - split), treeRoot(left)];
}

/** @returns whether a leaf lies at `index` in the tree of `size` leaves with this root. */
export function isIncluded(
  leaf: string,
  index: number,
  size: number,
  proof: readonly string[],
  root: string,
): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    return false;
  }
  return climb(leaf, index, size, proof) === root;
}

/** @returns the root that a proof leads to; `undefined` when its length is wrong. */
function climb(
  leaf: string,
  index: number,
  size: number,
  proof: readonly string[],
): string | undefined {
  if (size === 1) {
    return proof.length === 0 ? leaf : undefined;
  }
  const other = proof.at(-1);
  if (other === undefined) {
    return undefined;
  }
  const split = splitOf(size);
  const rest = proof.slice(0, -1);
  if (index < split) {
    const left = climb(leaf, index, split, rest);
    return left && nodeHash(left, other);
  }
  const right = climb(leaf, index - split, size - split, rest);
  return right && nodeHash(other, right);
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}

function nodeHash(left: string, right: string): string {
  return sha256(NODE, Buffer.from(left, 'hex'), Buffer.from(right, 'hex'));
}

function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest('hex');
}
