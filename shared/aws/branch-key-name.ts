/** Where a branch key lies. */
export interface BranchKeyPlace {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly table: string;
  /** Partition key of its items while it can be used: `key-<vaultId>-<random>`. */
  readonly branchKeyId: string;
}

/** @returns the name of a branch key: its table's ARN, and its id there. */
export function branchKeyName(place: BranchKeyPlace): string {
  const { partition, region, account, table, branchKeyId } = place;
  return `arn:${partition}:dynamodb:${region}:${account}:table/${table}/${branchKeyId}`;
}

/** @throws Error when it is no name that `branchKeyName` gives. */
export function parseBranchKeyName(name: string): BranchKeyPlace {
  const [, partition, service, region, account, resource] = name.split(':');
  const [kind, table, branchKeyId] = resource?.split('/') ?? [];
  if (!partition || service !== 'dynamodb' || !region || !account || kind !== 'table') {
    throw new Error('This is not the name of a branch key.');
  }
  if (!table || !branchKeyId) {
    throw new Error('The name of a branch key has no table or no id.');
  }
  return { partition, account, region, table, branchKeyId };
}
