import { randomBytes } from 'node:crypto';
import { type AwsClients, awsClients } from '../shared/aws/aws-clients.ts';
import { BranchKeyCustody } from '../shared/aws/branch-key-custody.ts';
import { BranchKeyDestruction } from '../shared/aws/branch-key-destruction.ts';
import { DynamoLedger } from '../shared/aws/dynamo-ledger.ts';
import { KmsCustody } from '../shared/aws/kms-custody.ts';
import { KmsDestruction } from '../shared/aws/kms-destruction.ts';
import { KmsInstallationKeys } from '../shared/aws/kms-installation-keys.ts';
import { KmsSigning } from '../shared/aws/kms-signing.ts';
import { S3Source } from '../shared/aws/s3-source.ts';
import { S3Target } from '../shared/aws/s3-target.ts';
import { systemClock, systemPause, systemPauses } from '../shared/aws/system-clock.ts';
import { TieredCustody, TieredDestruction } from '../shared/aws/tiered-keys.ts';
import { ulidIds } from '../shared/aws/ulid-ids.ts';
import type { Vault } from '../shared/domain/records.ts';
import { requireS3Source } from '../shared/domain/vault-source.ts';
import type { Services } from '../shared/ports/services.ts';
import type { Source } from '../shared/ports/source.ts';
import { s3Copies } from '../shared/wiring/s3-copies.ts';
import { INSTALLATION, LEDGER_TABLE } from './installation.ts';

/** Roles that the embedded KMS stores with a key and does not enforce. */
const ROLE = 'arn:aws:iam::000000000000:role/bench';
const ROLES = { users: [ROLE], readers: [ROLE], eraser: ROLE, admins: [ROLE] };

/**
 * The real AWS adapters, as `shared/wiring` puts them together, without functions around them.
 * @param source - in place of the vault's S3 prefix; default: that prefix.
 */
export function engineServices(clients: AwsClients = awsClients(), source?: Source): Services {
  const here = INSTALLATION.regions.primary;
  const clock = systemClock;
  return {
    clock,
    ids: ulidIds(clock),
    pauses: systemPauses,
    ledger: new DynamoLedger({
      client: clients.dynamoDb(here),
      table: LEDGER_TABLE,
      ...{ clock, pause: systemPause },
    }),
    copies: s3Copies(INSTALLATION, clients, clock),
    custody: makeCustody(clients),
    destruction: new TieredDestruction({
      dedicated: new KmsDestruction({ clientOf: clients.kms }),
      'shared-root': new BranchKeyDestruction({ clientOf: clients.dynamoDb, clock }),
    }),
    installationKeys: new KmsInstallationKeys({
      installation: INSTALLATION.name,
      regions: INSTALLATION.regions,
      clientOf: clients.kms,
    }),
    signing: new KmsSigning({ client: clients.kms(here), keyId: 'alias/bench', retired: [] }),
    // The run is carried out by who asks for it.
    pipeline: {
      startBackup: async () => undefined,
      startRestore: async () => undefined,
      startVerification: async () => undefined,
      continuePass: async () => undefined,
      compareTombstones: async () => undefined,
      startSweep: async () => undefined,
      applyHolds: async () => undefined,
      startMoves: async () => undefined,
      advanceErasure: async () => undefined,
      confirmErasures: async () => undefined,
      certifyErasures: async () => undefined,
      restoreKeys: async () => undefined,
      restoreKeyPolicies: async () => undefined,
    },
    telemetry: { event: () => undefined, measure: () => undefined },
    openSource: (vault) => source ?? openS3Source(clients, vault),
    openS3Target: (location) => new S3Target({ client: clients.s3(location.region), location }),
    installation: INSTALLATION,
  };
}

function makeCustody(clients: AwsClients): TieredCustody {
  const options = {
    installation: INSTALLATION.name,
    partition: 'aws',
    account: '000000000000',
    regions: INSTALLATION.regions,
    clientOf: clients.kms,
    clients: { dynamoDbOf: clients.dynamoDb, kmsOf: clients.kms },
    roles: ROLES,
    pause: systemPause,
    randomBytes,
  };
  return new TieredCustody({
    dedicated: new KmsCustody(options),
    'shared-root': new BranchKeyCustody(options),
  });
}

function openS3Source(clients: AwsClients, vault: Vault): Source {
  const location = requireS3Source(vault);
  return new S3Source({ client: clients.s3(location.region), location, vaultId: vault.vaultId });
}
