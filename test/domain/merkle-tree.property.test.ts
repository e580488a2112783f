import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inclusionProof, isIncluded, leafHash, treeRoot } from '../../shared/domain/merkle-tree.ts';

/** The leaves of the reference implementation's own tests (Certificate Transparency). */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => leafHash(Buffer.from(hex, 'hex')));

describe('the Merkle tree of RFC 6962', () => {
  // format.md 9.3
  test.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('of %i leaves has the root that others compute', (size, root) => {
    expect(treeRoot(LEAVES.slice(0, size))).toBe(root);
  });

  const leaves = fc.array(fc.uint8Array({ maxLength: 8 }).map(leafHash), {
    minLength: 1,
    maxLength: 70,
  });

  test('proves every leaf at its place, and nowhere else', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.nat(), (list, some, other) => {
        const [index, elsewhere] = [some % list.length, other % (list.length + 2)];
        const proof = inclusionProof(list, index);
        const [root, leaf] = [treeRoot(list), list[index] ?? ''];
        expect(isIncluded(leaf, index, list.length, proof, root)).toBe(true);
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(list.length)) || 0);
        if (list[elsewhere] !== leaf) {
          expect(isIncluded(leaf, elsewhere, list.length, proof, root)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('proves nothing that was changed: leaf, proof, size or root', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (list, some) => {
        const index = some % list.length;
        const [size, root, leaf] = [list.length, treeRoot(list), list[index] ?? ''];
        const proof = inclusionProof(list, index);
        const strange = leafHash(Buffer.from('not among them, and longer than any of them'));
        expect(isIncluded(strange, index, size, proof, root)).toBe(false);
        expect(isIncluded(leaf, index, size, [...proof, strange], root)).toBe(false);
        expect(isIncluded(leaf, index, size, proof.slice(1), root)).toBe(size === 1);
        expect(isIncluded(leaf, index, size, proof, strange)).toBe(false);
        expect(isIncluded(leaf, size, size, proof, root)).toBe(false);
        expect(isIncluded(leaf, -1, size, proof, root)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  test('does not take a node for a leaf', () => {
    const [one = '', other = ''] = LEAVES;
    const node = Buffer.concat([one, other].map((hash) => Buffer.from(hash, 'hex')));
    expect(leafHash(node)).not.toBe(treeRoot([one, other]));
  });
});
