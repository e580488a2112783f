/** Parts after which one is written with every pack: 8 GiB of packs. */
const SINGLE_PARTS = 256;

/** Parts after which the number of packs per part doubles. */
const PARTS_PER_DOUBLING = 96;

/**
 * After how many packs a manifest part is closed. One part with every pack means that a run that is
 * cut off writes no pack again. The list of parts lies in one ledger record of at most 400 KB
 * (DynamoDB's limit), about 300 bytes each; with these numbers 1,024 parts cover 49,000 packs, or
 * 1.5 TiB, and then up to 256 packs may be written again.
 *
 * @param parts - that the run has written so far.
 */
export function packsPerPart(parts: number): number {
  return parts < SINGLE_PARTS
    ? 1
    : 2 ** (Math.floor((parts - SINGLE_PARTS) / PARTS_PER_DOUBLING) + 1);
}
