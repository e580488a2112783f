/**
 * Where AWS Regions are, and which of them an installation may use. Checked before any stack is
 * built: ciphertext is client data too, so a wrong Region must never reach a deployment.
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

/** A separate AWS: own accounts, own roles, nothing replicated or referenced across. */
export type Partition = 'aws' | 'aws-cn' | 'aws-us-gov' | 'aws-eusc';

export interface RegionFacts {
  readonly partition: Partition;
  /** Whose law applies to the building: an ISO 3166 country in lower case, or `eu` for members. */
  readonly jurisdiction: string;
}

const placed = (
  partition: Partition,
  jurisdiction: string,
  ...regions: string[]
): [string, RegionFacts][] => regions.map((region) => [region, { partition, jurisdiction }]);

/**
 * Country of each Region, from "AWS Regions" in the AWS Global Infrastructure guide
 * (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html) and, for
 * China, from the AWS China guide (https://docs.amazonaws.cn/en_us/aws/latest/userguide/).
 * `eu` means a member state of the European Union: Zurich and London are not in it.
 */
const REGIONS: ReadonlyMap<string, RegionFacts> = new Map([
  ...placed('aws', 'us', 'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'),
  ...placed('aws', 'ca', 'ca-central-1', 'ca-west-1'),
  ...placed('aws', 'mx', 'mx-central-1'),
  ...placed('aws', 'br', 'sa-east-1'),
  ...placed('aws', 'eu', 'eu-central-1', 'eu-west-1', 'eu-west-3', 'eu-north-1'),
  ...placed('aws', 'eu', 'eu-south-1', 'eu-south-2'),
  ...placed('aws', 'gb', 'eu-west-2'),
  ...placed('aws', 'ch', 'eu-central-2'),
  ...placed('aws', 'il', 'il-central-1'),
  ...placed('aws', 'ae', 'me-central-1'),
  ...placed('aws', 'bh', 'me-south-1'),
  ...placed('aws', 'za', 'af-south-1'),
  ...placed('aws', 'in', 'ap-south-1', 'ap-south-2'),
  ...placed('aws', 'hk', 'ap-east-1'),
  ...placed('aws', 'tw', 'ap-east-2'),
  ...placed('aws', 'jp', 'ap-northeast-1', 'ap-northeast-3'),
  ...placed('aws', 'kr', 'ap-northeast-2'),
  ...placed('aws', 'sg', 'ap-southeast-1'),
  ...placed('aws', 'au', 'ap-southeast-2', 'ap-southeast-4'),
  ...placed('aws', 'id', 'ap-southeast-3'),
  ...placed('aws', 'my', 'ap-southeast-5'),
  ...placed('aws', 'nz', 'ap-southeast-6'),
  ...placed('aws', 'th', 'ap-southeast-7'),
  ...placed('aws-cn', 'cn', 'cn-north-1', 'cn-northwest-1'),
  ...placed('aws-us-gov', 'us', 'us-gov-east-1', 'us-gov-west-1'),
  ...placed('aws-eusc', 'eu', 'eusc-de-east-1'),
]);

/** Every jurisdiction that has a Region, sorted: what `residency` may name. */
export const JURISDICTIONS: readonly string[] = [
  ...new Set([...REGIONS.values()].map((facts) => facts.jurisdiction)),
].sort();

/** @returns the Regions of a jurisdiction, in one partition or in all, for messages and tests. */
export function regionsOf(jurisdiction: string, partition?: Partition): readonly string[] {
  return [...REGIONS]
    .filter(([, facts]) => facts.jurisdiction === jurisdiction)
    .filter(([, facts]) => partition === undefined || facts.partition === partition)
    .map(([region]) => region);
}

/**
 * @returns partition and jurisdiction of one Region.
 * @throws ResidencyError UNKNOWN_REGION when the table does not have it.
 */
export function regionFacts(region: string): RegionFacts {
  const facts = REGIONS.get(region);
  if (facts === undefined) {
    throw new ResidencyError(
      'UNKNOWN_REGION',
      `Region ${region} is not in the table of infra/residency.ts, so nothing says whose law ` +
        'applies there. Check the spelling, or add the Region with its country.',
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
