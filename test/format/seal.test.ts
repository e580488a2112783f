import { describe, expect, test } from 'vitest';
import { manifestKey, packKey, sealKey } from '../../shared/format/object-keys.ts';
import { parseSeal, type Seal, sealBytes } from '../../shared/format/seal.ts';

const VAULT = '01M6DMBE000000000000000002';
const SNAPSHOT = '01M6DMBE000000000000000004';
const PACKS = ['01M6DMBE000000000000000005', '01M6DMBE000000000000000006'] as const;
const ORIGIN = { copy: 'secondary', object: sealKey(VAULT, SNAPSHOT) } as const;
const STORED = {
  size: 7,
  sha256: 'cd'.repeat(32),
  versions: { primary: 'v1', secondary: 'v2' },
};

const SEAL: Seal = {
  format: 1,
  vaultId: VAULT,
  snapshotId: SNAPSHOT,
  createdAt: '2026-11-02T08:00:00.000Z',
  policyId: 'engagement-10y',
  policyVersion: 1,
  tiers: ['daily'],
  retainUntil: '2026-12-07T16:00:00.000Z',
  lockedUntil: '2026-12-10T00:00:00.000Z',
  counts: {
    records: 2,
    bytes: 9,
    readRecords: 1,
    readBytes: 4,
    packs: 2,
    packBytes: 14,
    skipped: 3,
    skippedBy: { denied: 2, 'later reason': 1 },
  },
  manifests: [{ key: manifestKey(VAULT, SNAPSHOT, 0), ...STORED }],
  packs: PACKS.map((packId) => ({ packId, snapshotId: SNAPSHOT, liveBytes: 5, ...STORED })),
};

function parse(value: unknown): Seal {
  const expected = { vaultId: VAULT, snapshotId: SNAPSHOT };
  return parseSeal(Buffer.from(JSON.stringify(value)), expected, ORIGIN);
}

function damagedAs(problem: string): object {
  return expect.objectContaining({ code: 'OBJECT_DAMAGED', data: { ...ORIGIN, problem } });
}

describe('a seal', () => {
  test('format.md 5.1: gives back what it was made of', () => {
    const expected = { vaultId: VAULT, snapshotId: SNAPSHOT };
    expect(parseSeal(sealBytes(SEAL), expected, ORIGIN)).toEqual(SEAL);
  });

  test('format.md 1.1: lies beside the manifest of its snapshot', () => {
    expect(sealKey(VAULT, SNAPSHOT)).toBe(`vaults/${VAULT}/snapshots/${SNAPSHOT}/seal.json`);
    expect(SEAL.manifests[0]?.key).toBe(`vaults/${VAULT}/snapshots/${SNAPSHOT}/manifest-0`);
    expect(packKey(VAULT, PACKS[0])).toBe(`vaults/${VAULT}/packs/${PACKS[0]}`);
  });

  test.each([
    ['format.md 7.1: of a later format', { ...SEAL, format: 2 }],
    ['without a format', { ...SEAL, format: undefined }],
    ['without packs', { ...SEAL, packs: undefined }],
    [
      'with a size that is no number',
      { ...SEAL, manifests: [{ ...SEAL.manifests[0], size: '7' }] },
    ],
    ['that is a list', [SEAL]],
    ['that is null', null],
  ])('%s is refused', (_, value) => {
    expect(() => parse(value)).toThrow(damagedAs('malformed: it is not a seal of format 1'));
  });

  test('that is no JSON is refused', () => {
    const expected = { vaultId: VAULT, snapshotId: SNAPSHOT };
    const cut = sealBytes(SEAL).subarray(0, 100);
    expect(() => parseSeal(cut, expected, ORIGIN)).toThrow('not a seal of format 1');
  });

  test.each([
    ['vault', { ...SEAL, vaultId: PACKS[0] }],
    ['snapshot', { ...SEAL, snapshotId: PACKS[0] }],
  ])('of another %s is refused', (_, value) => {
    expect(() => parse(value)).toThrow(damagedAs('belongs to another object'));
  });

  test('format.md 5.2: with packs out of order or twice is refused', () => {
    const [first, second] = SEAL.packs;
    const outOfOrder = damagedAs('malformed: its packs are out of order');
    expect(() => parse({ ...SEAL, packs: [second, first] })).toThrow(outOfOrder);
    expect(() => parse({ ...SEAL, packs: [first, first] })).toThrow(outOfOrder);
  });

  test('format.md 7.2: with a field it does not know is read', () => {
    expect(parse({ ...SEAL, later: true })).toEqual(SEAL);
  });
});
