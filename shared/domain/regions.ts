/**
 * Where AWS Regions are: what decides whether an installation or a policy may keep data there.
 */

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

/** @returns partition and jurisdiction of one Region; `undefined` when the table lacks it. */
export function findRegion(region: string): RegionFacts | undefined {
  return REGIONS.get(region);
}
