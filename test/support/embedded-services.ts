import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCopies, makeLedgerTable } from '../../bench/bare-installation.ts';
import { startDynamoDb } from '../../local/dynamodb/start-dynamodb.ts';
import type { AwsEvent } from '../../local/events/event-bus.ts';
import { PlannedFaults } from '../../local/faults.ts';
import { startGateway } from '../../local/gateway/http-server.ts';
import { createIdentities } from '../../local/gateway/identities.ts';
import { RequestCounts } from '../../local/gateway/request-counts.ts';
import { createKmsService } from '../../local/kms/kms-service.ts';
import { type MovableClock, openMovableClock } from '../../local/movable-clock.ts';
import { createS3Service } from '../../local/s3/s3-service.ts';
import { type AwsClients, awsClients } from '../../shared/aws/aws-clients.ts';
import type { KeyPolicyRoles } from '../../shared/aws/key-policy.ts';
import { daysAfter } from '../../shared/domain/lock.ts';
import { TEST_INSTALLATION } from './memory-services.ts';

export const EMBEDDED_ACCOUNT = '111122223333';
export const EMBEDDED_TABLE = 'holdfast-test-ledger';

/** Roles the embedded KMS stores in key policies and does not enforce. */
export const EMBEDDED_ROLES: KeyPolicyRoles = {
  users: [roleArn('run-backup')],
  readers: [roleArn('restore-snapshot')],
  eraser: roleArn('advance-erasures'),
  admins: [roleArn('admin-register')],
};

/** The embedded AWS inside the test process, without any stack. */
export interface EmbeddedServices {
  readonly endpoint: string;
  readonly clients: AwsClients;
  /** The clock locks and key deletions follow. */
  readonly clock: MovableClock;
  readonly moveDays: (days: number) => Promise<void>;
  readonly faults: PlannedFaults;
  /** How often each service was asked for what. */
  readonly requests: RequestCounts;
  /** Events KMS put on the bus of either Region. */
  readonly events: readonly AwsEvent[];
  readonly stop: () => Promise<void>;
}

/**
 * Starts S3, KMS and DynamoDB on one loopback port, in a temporary directory, and makes the two
 * lock buckets of `TEST_INSTALLATION` and the ledger's table. Call it once per test file, and
 * `stop` at its end.
 */
export async function startEmbeddedServices(): Promise<EmbeddedServices> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'holdfast-embedded-'));
  const accountId = EMBEDDED_ACCOUNT;
  const clock = openMovableClock({ dataDirectory });
  const faults = new PlannedFaults();
  const requests = new RequestCounts();
  const events: AwsEvent[] = [];
  const bus = { put: async (event: AwsEvent) => void events.push(event) };
  const s3 = createS3Service({ dataDirectory, clock, accountId });
  const kms = createKmsService({ dataDirectory, clock, accountId, partition: 'aws', events: bus });
  const dynamoDb = await startDynamoDb({ dataDirectory });
  const gateway = await startGateway({
    port: 0,
    services: [s3, kms, dynamoDb],
    credentials: createIdentities({ accountId, partition: 'aws' }),
    clock,
    faults,
    requests,
    controlRoutes: [],
  });
  const clients = awsClients({
    endpoint: gateway.endpoint,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator-secret' },
  });
  const stop = async (): Promise<void> => {
    await gateway.stop(0);
    await Promise.all([s3.stop(), kms.stop(), dynamoDb.stop()]);
    clock.close();
    await rm(dataDirectory, { recursive: true, force: true });
  };
  await makeCopies(clients, TEST_INSTALLATION);
  const { primary } = TEST_INSTALLATION.regions;
  await makeLedgerTable(clients.dynamoDb(primary), EMBEDDED_TABLE);
  return {
    endpoint: gateway.endpoint,
    clients,
    clock,
    moveDays: (days) => clock.moveTo(daysAfter(clock.now(), days)),
    faults,
    requests,
    events,
    stop,
  };
}

function roleArn(functionName: string): string {
  return `arn:aws:iam::${EMBEDDED_ACCOUNT}:role/holdfast-test-${functionName}`;
}
