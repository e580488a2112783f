/**
 * Physical names and ARNs. All follow from the settings, so no stack exports anything to another,
 * also not across Regions, and a policy can name a role before that role exists.
 */
import { functionRole } from '../shared/config/function-roles.ts';
import { keyStoreTable, rootKeyAlias } from '../shared/config/key-store.ts';
import { signingKeyAlias } from '../shared/config/signing-key.ts';
import { COPY_NAMES, type CopyName } from '../shared/domain/copy-name.ts';
import type { FunctionName } from './function-plans.ts';
import type { Settings } from './settings.ts';

/** Tag on every vault key; its value is the installation. Roles reach only keys that carry it. */
export const KEY_TAG = 'holdfast:installation';

/** Tag on every vault key that says which vault it belongs to. */
export const VAULT_TAG = 'holdfast:vault';

/** Every physical name of one installation. */
export interface Names {
  readonly installation: string;
  /** `holdfast-<installation>`, the start of all other names. */
  readonly prefix: string;
  readonly region: Readonly<Record<CopyName, string>>;
  readonly bucket: Readonly<Record<CopyName, string>>;
  readonly bucketArn: Readonly<Record<CopyName, string>>;
  readonly ledgerTable: string;
  readonly ledgerArn: string;
  /** Tables of the branch keys, and their ARNs. */
  readonly keyStore: Readonly<Record<CopyName, string>>;
  readonly keyStoreArns: readonly string[];
  /** Alias, in either Region, of the key that wraps branch keys. */
  readonly rootAlias: string;
  readonly backupMachine: string;
  readonly backupMachineArn: string;
  /** Its executions, and those of its shards. */
  readonly backupExecutionArns: string[];
  readonly readerRole: string;
  readonly writerRole: string;
  /** Alias, and its ARN, of the key that signs certificates and checkpoints. */
  readonly signingAlias: string;
  readonly signingAliasArn: string;
  readonly deadLetterQueue: string;
  readonly alarmTopic: string;
  readonly defaultBusArn: string;
  /** `key/*` of this account in both Regions: vault keys are created at run time. */
  readonly anyKeyArns: readonly string[];
  readonly functionName: (name: FunctionName) => string;
  readonly functionArn: (name: FunctionName) => string;
  readonly functionRole: (name: FunctionName) => string;
  readonly logGroup: (name: string) => string;
  readonly roleArn: (roleName: string) => string;
  /** Role of the CDK bootstrap stack that CloudFormation deploys with, in one Region. */
  readonly deploymentRoleArn: (copy: CopyName) => string;
}

/** @returns the names of the installation that the settings describe. */
export function namesOf(settings: Settings): Names {
  const { account, installation, partition, primaryRegion, secondaryRegion } = settings;
  const prefix = `holdfast-${installation}`;
  const region = { primary: primaryRegion, secondary: secondaryRegion };
  const arn = (service: string, place: string, resource: string): string =>
    `arn:${partition}:${service}:${place}:${resource}`;
  const here = `${primaryRegion}:${account}`;
  const bucketOf = (copy: CopyName): string => `${prefix}-${account}-${copy}-${region[copy]}`;
  const bucket = { primary: bucketOf('primary'), secondary: bucketOf('secondary') };
  const keyStore = {
    primary: keyStoreTable(installation, 'primary'),
    secondary: keyStoreTable(installation, 'secondary'),
  };
  const roleArn = (roleName: string): string => arn('iam', `:${account}`, `role/${roleName}`);
  const functionName = (name: FunctionName): string => `${prefix}-${name}`;
  return {
    installation,
    prefix,
    region,
    bucket,
    bucketArn: {
      primary: arn('s3', ':', bucket.primary),
      secondary: arn('s3', ':', bucket.secondary),
    },
    ledgerTable: `${prefix}-ledger`,
    ledgerArn: arn('dynamodb', here, `table/${prefix}-ledger`),
    keyStore,
    keyStoreArns: COPY_NAMES.map((copy) =>
      arn('dynamodb', `${region[copy]}:${account}`, `table/${keyStore[copy]}`),
    ),
    rootAlias: rootKeyAlias(installation),
    backupMachine: `${prefix}-backup`,
    backupMachineArn: arn('states', here, `stateMachine:${prefix}-backup`),
    backupExecutionArns: ['', '/*'].map((shards) =>
      arn('states', here, `execution:${prefix}-backup${shards}:*`),
    ),
    readerRole: `${prefix}-reader`,
    writerRole: `${prefix}-writer`,
    signingAlias: signingKeyAlias(installation),
    signingAliasArn: arn('kms', here, signingKeyAlias(installation)),
    deadLetterQueue: `${prefix}-failed-events`,
    alarmTopic: `${prefix}-alarms`,
    defaultBusArn: arn('events', here, 'event-bus/default'),
    anyKeyArns: COPY_NAMES.map((copy) => arn('kms', `${region[copy]}:${account}`, 'key/*')),
    functionName,
    functionArn: (name) => arn('lambda', here, `function:${functionName(name)}`),
    functionRole: (name) => functionRole(installation, name),
    logGroup: (name) => `/holdfast/${installation}/${name}`,
    roleArn,
    deploymentRoleArn: (copy) =>
      roleArn(`cdk-${settings.bootstrapQualifier}-cfn-exec-role-${account}-${region[copy]}`),
  };
}
