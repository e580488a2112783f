import {
  findRegion,
  JURISDICTIONS,
  type Partition,
  type RegionFacts,
  regionsOf,
} from '../shared/domain/regions.ts';

/**
 * Which Regions an installation may use. Checked before any stack is built: ciphertext is client
 * data too, so a wrong Region must never reach a deployment.
 */

/** Reasons a pair of Regions is refused. */
export type ResidencyProblem =
  | 'UNKNOWN_REGION'
  | 'UNKNOWN_JURISDICTION'
  | 'SAME_REGION'
  | 'PARTITIONS_DIFFER'
  | 'OUTSIDE_RESIDENCY';

/** A pair of Regions that must not be deployed. The message says why and what to change. */
export class ResidencyError extends Error {
  readonly problem: ResidencyProblem;

  constructor(problem: ResidencyProblem, message: string) {
    super(message);
    this.name = 'ResidencyError';
    this.problem = problem;
  }
}

/**
 * @returns partition and jurisdiction of one Region.
 * @throws ResidencyError UNKNOWN_REGION when the table does not have it.
 */
export function regionFacts(region: string): RegionFacts {
  const facts = findRegion(region);
  if (facts === undefined) {
    throw new ResidencyError(
      'UNKNOWN_REGION',
      `Region ${region} is not in the table of shared/domain/regions.ts, so nothing says whose ` +
        'law applies there. Check the spelling, or add the Region with its country.',
    );
  }
  return facts;
}

export interface RegionPair {
  readonly primaryRegion: string;
  readonly secondaryRegion: string;
  /** Jurisdictions that may hold client data, such as `['us', 'eu']`. */
  readonly residency: readonly string[];
}

/**
 * Checks that two Regions may form one installation.
 *
 * @returns the partition both lie in.
 * @throws ResidencyError when a Region or jurisdiction is unknown, both Regions are the same, they
 *   lie in different partitions, or one lies outside the stated residency.
 */
export function checkRegionPair(pair: RegionPair): Partition {
  for (const jurisdiction of pair.residency) {
    if (!JURISDICTIONS.includes(jurisdiction)) {
      throw new ResidencyError(
        'UNKNOWN_JURISDICTION',
        `residency names "${jurisdiction}", which no Region belongs to. ` +
          `Use one or more of: ${JURISDICTIONS.join(', ')}.`,
      );
    }
  }
  const { primaryRegion, secondaryRegion } = pair;
  if (primaryRegion === secondaryRegion) {
    throw new ResidencyError(
      'SAME_REGION',
      `Both copies would lie in ${primaryRegion}: the loss of one Region would take both. ` +
        'Choose a second Region.',
    );
  }
  const partition = samePartition(primaryRegion, secondaryRegion);
  for (const region of [primaryRegion, secondaryRegion]) {
    requireResident(region, partition, pair.residency);
  }
  return partition;
}

function samePartition(primaryRegion: string, secondaryRegion: string): Partition {
  const primary = regionFacts(primaryRegion).partition;
  const secondary = regionFacts(secondaryRegion).partition;
  if (primary !== secondary) {
    throw new ResidencyError(
      'PARTITIONS_DIFFER',
      `${primaryRegion} is in partition ${primary} and ${secondaryRegion} in ${secondary}. ` +
        'Accounts, roles and keys do not reach across partitions. Choose two Regions of one ' +
        'partition, or deploy one installation in each.',
    );
  }
  return primary;
}

function requireResident(region: string, partition: Partition, residency: readonly string[]): void {
  const { jurisdiction } = regionFacts(region);
  if (residency.includes(jurisdiction)) return;
  const allowed = residency.flatMap((name) => regionsOf(name, partition));
  throw new ResidencyError(
    'OUTSIDE_RESIDENCY',
    `${region} is in jurisdiction "${jurisdiction}", but residency allows only ` +
      `${residency.join(', ')}. Choose a Region of those (${allowed.join(', ') || 'none here'}), ` +
      `or add "${jurisdiction}" to residency if the law lets the data lie there.`,
  );
}
