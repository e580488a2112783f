/** What each function may do: its role holds these statements, its own log group, and no more. */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { readCopies, writeCopies } from './copy-access.ts';
import {
  createKeys,
  describeKeys,
  destroyKeys,
  openProbes,
  unwrapWithKeys,
  wrapWithKeys,
} from './key-access.ts';
import { readLedger, useLedger } from './ledger-access.ts';
import { readSources, writeTargets } from './outside-buckets.ts';
import { allow } from './statement.ts';

type Permissions = (names: Names, settings: Settings) => PolicyStatement[];

const PERMISSIONS: Readonly<Record<FunctionName, Permissions>> = {
  'admin-register': (names) => [...useLedger(names), ...createKeys(names)],
  'admin-query': (names) => [...readLedger(names), ...readCopies(names), ...describeKeys(names)],
  'admin-backup': (names) => [...useLedger(names), ...startBackups(names)],
  'admin-restore': (names) => [...useLedger(names), ...invoke(names, 'restore-snapshot')],
  'admin-govern': (names) => [...useLedger(names), ...invoke(names, 'advance-erasures')],
  'schedule-backups': (names) => [...useLedger(names), ...startBackups(names)],
  'run-backup': (names, settings) => [
    ...useLedger(names),
    ...readSources(settings),
    ...readCopies(names),
    ...writeCopies(names),
    ...wrapWithKeys(names),
  ],
  'record-backup-failure': (names) => useLedger(names),
  'restore-snapshot': (names, settings) => [
    ...useLedger(names),
    ...readCopies(names),
    ...writeTargets(settings),
    ...unwrapWithKeys(names),
  ],
  'advance-erasures': (names) => [
    ...useLedger(names),
    ...describeKeys(names),
    ...destroyKeys(names),
  ],
  'confirm-erasures': (names) => [...useLedger(names), ...openProbes(names)],
  'record-key-event': (names) => useLedger(names),
  'check-protection': (names) => [...readLedger(names), ...readCopies(names)],
};

/** @returns the statements of one function's role. */
export function permissionsOf(
  name: FunctionName,
  names: Names,
  settings: Settings,
): PolicyStatement[] {
  return PERMISSIONS[name](names, settings);
}

/** What a person who restores to a local folder may do: read both copies and decrypt. */
export function readerPermissions(names: Names): PolicyStatement[] {
  return [...readCopies(names), ...unwrapWithKeys(names)];
}

/** Functions whose roles may read objects of the copies. Everyone else is denied by the buckets. */
export const COPY_READERS: readonly FunctionName[] = [
  'admin-query',
  'run-backup',
  'restore-snapshot',
  'check-protection',
];

/** Functions whose roles may write objects of the copies. */
export const COPY_WRITERS: readonly FunctionName[] = ['run-backup'];

/** Which roles a new vault key's own policy names, by purpose. */
export const KEY_ROLES = {
  users: ['run-backup'],
  readers: ['run-backup', 'restore-snapshot', 'confirm-erasures'],
  eraser: 'advance-erasures',
  admins: ['admin-register'],
} as const satisfies Readonly<Record<string, FunctionName | readonly FunctionName[]>>;

function startBackups(names: Names): PolicyStatement[] {
  return [
    allow({
      sid: 'StartBackups',
      actions: ['states:StartExecution'],
      resources: [names.backupMachineArn],
    }),
  ];
}

function invoke(names: Names, target: FunctionName): PolicyStatement[] {
  return [
    allow({
      sid: 'InvokeFunction',
      actions: ['lambda:InvokeFunction'],
      resources: [names.functionArn(target)],
    }),
  ];
}
