import { type AwsClients, awsClients } from '../shared/aws/aws-clients.ts';
import type { Installation } from '../shared/ports/services.ts';
import { makeBucket, makeCopies, makeLedgerTable } from './bare-installation.ts';

/** The installation that is measured. */
export const INSTALLATION: Installation = {
  name: 'bench',
  regions: { primary: 'eu-central-1', secondary: 'eu-west-1' },
  buckets: { primary: 'bench-copy-primary', secondary: 'bench-copy-secondary' },
  maxLockDays: 400,
  maxSweepShare: 0.5,
};

export const LEDGER_TABLE = 'bench-ledger';
/** A bucket for sources, targets and the other tools' repositories. */
export const PLAIN_BUCKET = 'bench-plain';

/** @returns clients of an embedded AWS. */
export function clientsOf(endpoint: string): AwsClients {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator-secret' };
  return awsClients({ endpoint, credentials });
}

/** Makes the buckets of both copies, one without locks, and the ledger's table. */
export async function makeInstallation(clients: AwsClients): Promise<void> {
  const { primary } = INSTALLATION.regions;
  await makeCopies(clients, INSTALLATION);
  await makeBucket(clients.s3(primary), primary, PLAIN_BUCKET);
  await makeLedgerTable(clients.dynamoDb(primary), LEDGER_TABLE);
}
