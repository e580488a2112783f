/** What each function may do: its role holds these statements, its own log group, and no more. */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import {
  extendLocks,
  extendProofLocks,
  readCopies,
  readHeaders,
  readProofs,
  removeVersions,
  seeProofs,
  switchLegalHolds,
  writeCopies,
  writeProofs,
} from './copy-access.ts';
import {
  createKeys,
  describeKeys,
  destroyKeys,
  openProbes,
  readSigningKey,
  restoreInstallationKeys,
  restoreKeyPolicies,
  sealProbes,
  signProofs,
  unwrapWithKeys,
  wrapWithKeys,
} from './key-access.ts';
import {
  createBranchKeys,
  destroyBranchKeys,
  seeBranchKeys,
  seeRecovery,
  useBranchKeys,
} from './key-store-access.ts';
import { clearLedger, readLedger, useLedger } from './ledger-access.ts';
import { readSources, writeTargets } from './outside-buckets.ts';
import { allow } from './statement.ts';

type Permissions = (names: Names, settings: Settings) => PolicyStatement[];

const PERMISSIONS: Readonly<Record<FunctionName, Permissions>> = {
  'admin-register': (names) => [
    ...useLedger(names),
    ...seeProofs(names, 'tombstones'),
    ...createKeys(names),
    ...createBranchKeys(names),
    ...invoke(names, 'move-vaults'),
  ],
  'admin-query': (names) => [
    ...readLedger(names),
    ...readCopies(names),
    ...readProofs(names, 'checkpoints'),
    ...describeKeys(names),
    ...seeBranchKeys(names),
    ...readSigningKey(names),
  ],
  'admin-backup': (names) => [...useLedger(names), ...startBackups(names)],
  'admin-push': (names) => [...useLedger(names), ...readCopies(names), ...extendLocks(names)],
  'admin-restore': (names) => [
    ...useLedger(names),
    ...seeProofs(names, 'tombstones'),
    ...invoke(names, 'restore-snapshot'),
  ],
  'admin-verify': (names) => [...useLedger(names), ...invoke(names, 'verify-snapshot')],
  'admin-govern': (names) => [
    ...useLedger(names),
    ...readHeaders(names),
    ...describeKeys(names),
    ...seeBranchKeys(names),
    ...invoke(names, 'advance-erasures', 'apply-holds', 'sweep-copies'),
  ],
  'admin-close': (names) => useLedger(names),
  'admin-rebuild': (names) => [
    ...useLedger(names),
    ...readCopies(names),
    ...describeKeys(names),
    ...seeBranchKeys(names),
    ...sealProbes(names),
    ...invoke(names, 'advance-erasures', 'apply-holds', 'compare-tombstones'),
  ],
  'admin-export': (names) => [
    ...readLedger(names),
    ...seeProofs(names, 'checkpoints'),
    ...readProofs(names, 'checkpoints'),
    ...signProofs(names),
  ],
  'schedule-backups': (names) => [...useLedger(names), ...startBackups(names)],
  'run-backup': (names, settings) => [
    ...useLedger(names),
    ...readSources(settings),
    ...readCopies(names),
    ...writeCopies(names),
    ...wrapWithKeys(names),
    ...useBranchKeys(names),
  ],
  'record-backup-failure': (names) => useLedger(names),
  'repair-copies': (names) => [...useLedger(names), ...readCopies(names), ...writeCopies(names)],
  'move-vaults': (names) => [
    ...useLedger(names),
    ...readCopies(names),
    ...writeCopies(names),
    ...wrapWithKeys(names),
    ...useBranchKeys(names),
    ...invoke(names, 'move-vaults'),
  ],
  'restore-snapshot': (names, settings) => [
    ...useLedger(names),
    ...readCopies(names),
    ...writeTargets(settings),
    ...unwrapWithKeys(names),
    ...useBranchKeys(names),
  ],
  'verify-snapshot': (names) => [
    ...useLedger(names),
    ...readCopies(names),
    ...unwrapWithKeys(names),
    ...useBranchKeys(names),
    ...invoke(names, 'verify-snapshot'),
  ],
  'start-drills': (names) => [...useLedger(names), ...invoke(names, 'verify-snapshot')],
  'apply-holds': (names) => [
    ...useLedger(names),
    ...readCopies(names),
    ...switchLegalHolds(names),
    ...invoke(names, 'advance-erasures'),
  ],
  'end-retention': (names) => useLedger(names),
  'advance-erasures': (names) => [
    ...useLedger(names),
    ...describeKeys(names),
    ...destroyKeys(names),
    ...destroyBranchKeys(names),
    ...invoke(names, 'advance-erasures'),
  ],
  'confirm-erasures': (names) => [
    ...useLedger(names),
    ...openProbes(names),
    ...seeBranchKeys(names),
    ...seeRecovery(names),
    ...invoke(names, 'confirm-erasures', 'certify-erasures'),
  ],
  'certify-erasures': (names) => [
    ...useLedger(names),
    ...writeProofs(names, 'certificates', 'tombstones'),
    ...readHeaders(names),
    ...describeKeys(names),
    ...seeBranchKeys(names),
    ...signProofs(names),
    ...invoke(names, 'certify-erasures'),
  ],
  'write-checkpoint': (names) => [
    ...useLedger(names),
    ...writeProofs(names, 'checkpoints'),
    ...signProofs(names),
  ],
  'compare-tombstones': (names) => [
    ...useLedger(names),
    ...seeProofs(names, 'certificates', 'tombstones'),
    ...readProofs(names, 'certificates', 'tombstones'),
    ...describeKeys(names),
    ...seeBranchKeys(names),
    ...readSigningKey(names),
    ...invoke(names, 'compare-tombstones'),
  ],
  'renew-proofs': (names) => [
    ...readLedger(names),
    ...seeProofs(names, 'certificates', 'checkpoints', 'tombstones'),
    ...extendProofLocks(names),
    ...invoke(names, 'renew-proofs'),
  ],
  'record-key-event': (names) => [
    ...useLedger(names),
    ...describeKeys(names),
    ...restoreInstallationKeys(names),
    ...invoke(names, 'advance-erasures', 'restore-key-policies', 'confirm-erasures'),
  ],
  'restore-key-policies': (names) => [...useLedger(names), ...restoreKeyPolicies(names)],
  'compare-keys': (names) => [
    ...useLedger(names),
    ...describeKeys(names),
    ...seeBranchKeys(names),
    ...invoke(names, 'advance-erasures', 'compare-keys'),
  ],
  'check-protection': (names) => [
    ...useLedger(names),
    ...readCopies(names),
    ...invoke(names, 'advance-erasures', 'apply-holds', 'check-protection'),
  ],
  'verify-share': (names) => [...useLedger(names), ...readCopies(names)],
  'renew-locks': (names) => [
    ...useLedger(names),
    ...readCopies(names),
    ...extendLocks(names),
    ...invoke(names, 'renew-locks'),
  ],
  'sweep-copies': (names) => [
    ...useLedger(names),
    ...clearLedger(names),
    ...readCopies(names),
    ...removeVersions(names),
    ...invoke(names, 'sweep-copies', 'advance-erasures', 'apply-holds'),
  ],
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
  return [...readCopies(names), ...unwrapWithKeys(names), ...useBranchKeys(names)];
}

/**
 * What a person who pushes folders may do: write to both copies, read what lies there, and wrap and
 * unwrap data keys.
 */
export function writerPermissions(names: Names): PolicyStatement[] {
  return [
    ...readCopies(names),
    ...writeCopies(names),
    ...wrapWithKeys(names),
    ...useBranchKeys(names),
  ];
}

/** Functions whose roles may read objects of the copies. Everyone else is denied by the buckets. */
export const COPY_READERS: readonly FunctionName[] = [
  'admin-query',
  'admin-export',
  'admin-push',
  'admin-govern',
  'run-backup',
  'repair-copies',
  'move-vaults',
  'restore-snapshot',
  'verify-snapshot',
  'apply-holds',
  'admin-rebuild',
  'check-protection',
  'verify-share',
  'certify-erasures',
  'write-checkpoint',
  'compare-tombstones',
  'renew-proofs',
  'renew-locks',
  'sweep-copies',
];

/** The one function whose role may remove versions of objects, and nothing that is locked. */
export const COPY_SWEEPER: FunctionName = 'sweep-copies';

/** Functions whose roles may write objects of the copies, or change what keeps them. */
export const COPY_WRITERS: readonly FunctionName[] = [
  'run-backup',
  'repair-copies',
  'move-vaults',
  'admin-push',
  'renew-locks',
  'apply-holds',
  'certify-erasures',
  'write-checkpoint',
  'renew-proofs',
];

/** Functions that sign certificates, checkpoints and exports. The key denies it to all others. */
export const SIGNERS: readonly FunctionName[] = [
  'certify-erasures',
  'write-checkpoint',
  'admin-export',
];

/** Functions that decrypt with the root key; it denies that to all others but people's roles. */
export const ROOT_KEY_USERS: readonly FunctionName[] = [
  'run-backup',
  'move-vaults',
  'restore-snapshot',
  'verify-snapshot',
];

/** The function that makes branch keys: it has the root key wrap one for another type of entry. */
export const ROOT_KEY_REWRAPPER: FunctionName = 'admin-register';

/** Which roles a new vault key's own policy names, by purpose. */
export const KEY_ROLES = {
  users: ['run-backup', 'move-vaults'],
  readers: ['run-backup', 'move-vaults', 'restore-snapshot', 'verify-snapshot', 'confirm-erasures'],
  eraser: 'advance-erasures',
  admins: ['admin-register', 'restore-key-policies', 'admin-rebuild'],
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

function invoke(names: Names, ...targets: FunctionName[]): PolicyStatement[] {
  return [
    allow({
      sid: 'InvokeFunction',
      actions: ['lambda:InvokeFunction'],
      resources: targets.map((target) => names.functionArn(target)),
    }),
  ];
}
