import { randomBytes } from 'node:crypto';
import { type AwsClients, awsClients } from '../aws/aws-clients.ts';
import { BranchKeyCustody } from '../aws/branch-key-custody.ts';
import { BranchKeyDestruction } from '../aws/branch-key-destruction.ts';
import { DynamoLedger } from '../aws/dynamo-ledger.ts';
import { EmfTelemetry } from '../aws/emf-telemetry.ts';
import { KmsCustody } from '../aws/kms-custody.ts';
import { KmsDestruction } from '../aws/kms-destruction.ts';
import { KmsInstallationKeys } from '../aws/kms-installation-keys.ts';
import { KmsSigning } from '../aws/kms-signing.ts';
import { LambdaPipeline } from '../aws/lambda-pipeline.ts';
import { S3Source } from '../aws/s3-source.ts';
import { S3Target } from '../aws/s3-target.ts';
import { systemClock, systemPause, systemPauses } from '../aws/system-clock.ts';
import { TieredCustody, TieredDestruction } from '../aws/tiered-keys.ts';
import { ulidIds } from '../aws/ulid-ids.ts';
import { ENV } from '../config/env-names.ts';
import { type Environment, readConfig } from '../config/service-config.ts';
import { findRegion } from '../domain/regions.ts';
import { requireS3Source } from '../domain/vault-source.ts';
import type { Installation, Services } from '../ports/services.ts';
import { s3Copies } from './s3-copies.ts';

/**
 * The services of a function on AWS. Nothing is read or made before a service is asked for, and
 * each is made once per cold start. A variable that only some functions have is read when the
 * service needs it, so a function runs without those it does not use.
 *
 * @param environment - default: the process's own.
 * @throws ConfigError from any property, when a variable it needs is missing or malformed.
 */
export function awsServices(environment?: Environment): Services {
  let made: Services | undefined;
  const all = () => {
    made ??= makeServices(environment);
    return made;
  };
  return {
    get clock() {
      return all().clock;
    },
    get ids() {
      return all().ids;
    },
    get pauses() {
      return all().pauses;
    },
    get ledger() {
      return all().ledger;
    },
    get copies() {
      return all().copies;
    },
    get custody() {
      return all().custody;
    },
    get destruction() {
      return all().destruction;
    },
    get installationKeys() {
      return all().installationKeys;
    },
    get signing() {
      return all().signing;
    },
    get pipeline() {
      return all().pipeline;
    },
    get telemetry() {
      return all().telemetry;
    },
    get installation() {
      return all().installation;
    },
    openSource: (vault) => all().openSource(vault),
    openS3Target: (location) => all().openS3Target(location),
  };
}

function makeServices(environment: Environment | undefined): Services {
  const installation = readInstallation(environment);
  const clients = awsClients();
  const here = installation.regions.primary;
  const clock = systemClock;
  const { [ENV.ledgerTable]: table } = readConfig([ENV.ledgerTable], environment);
  return {
    clock,
    ids: ulidIds(clock),
    pauses: systemPauses,
    ledger: new DynamoLedger({
      client: clients.dynamoDb(here),
      ...{ table, clock, pause: systemPause },
    }),
    copies: s3Copies(installation, clients, clock),
    custody: makeCustody(installation, clients, environment),
    destruction: new TieredDestruction({
      dedicated: new KmsDestruction({ clientOf: clients.kms }),
      'shared-root': new BranchKeyDestruction({ clientOf: clients.dynamoDb, clock }),
    }),
    installationKeys: new KmsInstallationKeys({
      installation: installation.name,
      regions: installation.regions,
      clientOf: clients.kms,
    }),
    signing: makeSigning(here, clients, environment),
    pipeline: makePipeline(here, clients, environment),
    telemetry: new EmfTelemetry({ installation: installation.name, clock }),
    openSource: (vault) => {
      const location = requireS3Source(vault);
      const { vaultId } = vault;
      return new S3Source({ client: clients.s3(location.region), location, vaultId });
    },
    openS3Target: (location) => new S3Target({ client: clients.s3(location.region), location }),
    installation,
  };
}

function readInstallation(environment: Environment | undefined): Installation {
  const config = readConfig(
    [
      ENV.installation,
      ENV.primaryRegion,
      ENV.secondaryRegion,
      ENV.primaryBucket,
      ENV.secondaryBucket,
      ENV.maxLockDays,
      ENV.maxSweepPercent,
    ],
    environment,
  );
  return {
    name: config[ENV.installation],
    regions: { primary: config[ENV.primaryRegion], secondary: config[ENV.secondaryRegion] },
    buckets: { primary: config[ENV.primaryBucket], secondary: config[ENV.secondaryBucket] },
    maxLockDays: config[ENV.maxLockDays],
    maxSweepShare: config[ENV.maxSweepPercent] / 100,
  };
}

/** Only functions that write key policies know all roles of keys. */
function makeCustody(
  { name, regions }: Installation,
  clients: AwsClients,
  environment: Environment | undefined,
): TieredCustody {
  const roles = () => readConfig(KEY_ROLES, environment);
  const options = {
    installation: name,
    regions,
    clientOf: clients.kms,
    clients: { dynamoDbOf: clients.dynamoDb, kmsOf: clients.kms },
    pause: systemPause,
    randomBytes,
    // An installation is not deployed to Regions that are not in the table.
    partition: findRegion(regions.primary)?.partition ?? 'aws',
    get account() {
      return readConfig([ENV.account], environment)[ENV.account];
    },
    get roles() {
      const config = roles();
      return {
        users: config[ENV.keyUserRoles],
        readers: config[ENV.keyReaderRoles],
        eraser: config[ENV.keyEraserRole],
        admins: config[ENV.keyAdminRoles],
      };
    },
  };
  return new TieredCustody({
    dedicated: new KmsCustody(options),
    'shared-root': new BranchKeyCustody(options),
  });
}

const KEY_ROLES = [
  ENV.keyUserRoles,
  ENV.keyReaderRoles,
  ENV.keyEraserRole,
  ENV.keyAdminRoles,
] as const;

/** Only functions that issue or show certificates know the key. */
function makeSigning(
  region: string,
  clients: AwsClients,
  environment: Environment | undefined,
): KmsSigning {
  return new KmsSigning({
    client: clients.kms(region),
    get keyId() {
      return readConfig([ENV.signingKey], environment)[ENV.signingKey];
    },
    get retired() {
      return readConfig([ENV.retiredSigningKeys], environment)[ENV.retiredSigningKeys];
    },
  });
}

/** Each function may start one thing, and knows only that. */
function makePipeline(
  region: string,
  clients: AwsClients,
  environment: Environment | undefined,
): LambdaPipeline {
  return new LambdaPipeline({
    stepFunctions: clients.stepFunctions(region),
    lambda: clients.lambda(region),
    get backupMachine() {
      return readConfig([ENV.backupMachine], environment)[ENV.backupMachine];
    },
    get keyPolicyFunction() {
      return readConfig([ENV.keyPolicyFunction], environment)[ENV.keyPolicyFunction];
    },
    get eraserFunction() {
      return readConfig([ENV.eraserFunction], environment)[ENV.eraserFunction];
    },
    get restorerFunction() {
      return readConfig([ENV.restorerFunction], environment)[ENV.restorerFunction];
    },
    get confirmerFunction() {
      return readConfig([ENV.confirmerFunction], environment)[ENV.confirmerFunction];
    },
    get certifierFunction() {
      return readConfig([ENV.certifierFunction], environment)[ENV.certifierFunction];
    },
    get verifierFunction() {
      return readConfig([ENV.verifierFunction], environment)[ENV.verifierFunction];
    },
    get comparerFunction() {
      return readConfig([ENV.comparerFunction], environment)[ENV.comparerFunction];
    },
    get sweeperFunction() {
      return readConfig([ENV.sweeperFunction], environment)[ENV.sweeperFunction];
    },
    get holderFunction() {
      return readConfig([ENV.holderFunction], environment)[ENV.holderFunction];
    },
    get moverFunction() {
      return readConfig([ENV.moverFunction], environment)[ENV.moverFunction];
    },
    get ownFunction() {
      return readConfig([ENV.ownFunction], environment)[ENV.ownFunction];
    },
  });
}
