/**
 * The functions that exist: what starts each, how large it is, and which facts its environment
 * holds. What each may do is in `permissions/`.
 */
import { ENV, type EnvName } from '../shared/config/env-names.ts';

export const FUNCTION_NAMES = [
  'admin-register',
  'admin-query',
  'admin-backup',
  'admin-push',
  'admin-restore',
  'admin-verify',
  'admin-govern',
  'admin-close',
  'admin-rebuild',
  'admin-export',
  'schedule-backups',
  'run-backup',
  'record-backup-failure',
  'repair-copies',
  'move-vaults',
  'restore-snapshot',
  'verify-snapshot',
  'start-drills',
  'apply-holds',
  'end-retention',
  'advance-erasures',
  'confirm-erasures',
  'certify-erasures',
  'write-checkpoint',
  'compare-tombstones',
  'renew-proofs',
  'record-key-event',
  'restore-key-policies',
  'compare-keys',
  'check-protection',
  'verify-share',
  'renew-locks',
  'sweep-copies',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** Memory and longest duration. */
export interface FunctionSize {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
}

/** One full vCPU (Lambda quotas: 1 vCPU at 1,769 MB) and the longest run Lambda allows. */
const WORKER: FunctionSize = { memoryMiB: 1_769, timeoutSeconds: 900 };
/** API Gateway gives up after 30 seconds, so an answer that takes longer reaches nobody. */
const ANSWERER: FunctionSize = { memoryMiB: 512, timeoutSeconds: 29 };
/** A step for one vault. */
const STEP: FunctionSize = { memoryMiB: 512, timeoutSeconds: 60 };
/** A pass over all vaults: thousands, some side by side, each with a few requests. */
const PASS: FunctionSize = { memoryMiB: 512, timeoutSeconds: 900 };

/** Finds keys by what messages name: the account is part of a branch key's whole name alone. */
const KEY_NAMER: readonly EnvName[] = [ENV.account];

/** Whoever finds a hold tells the functions that act on it. */
const HOLD_KEEPER: readonly EnvName[] = [ENV.eraserFunction, ENV.holderFunction];

/** What a key policy is written from. */
const KEY_POLICY_WRITER: readonly EnvName[] = [
  ENV.account,
  ENV.keyUserRoles,
  ENV.keyReaderRoles,
  ENV.keyEraserRole,
  ENV.keyAdminRoles,
];

/** What is signed with, and what was. */
const SIGNING: readonly EnvName[] = [ENV.signingKey, ENV.retiredSigningKeys];

export interface FunctionPlan {
  readonly description: string;
  readonly size: FunctionSize;
  /** Variables beyond those every function gets. */
  readonly environment: readonly EnvName[];
  /** Started without anyone waiting for its answer: failed events go to the dead-letter queue. */
  readonly asynchronous: boolean;
  /**
   * It starts itself again when its time is over. Lambda stops functions that have started each
   * other 16 times in a row unless told that it is meant so (Lambda Developer Guide, "Recursive
   * loop detection"). Each says where it stops: it hands over only when it has done something.
   */
  readonly startsItself?: true;
  /** How often the scheduler starts it. */
  readonly everyMinutes?: number;
}

export const FUNCTION_PLANS: Readonly<Record<FunctionName, FunctionPlan>> = {
  'admin-register': {
    description:
      'Admin API: registers clients and vaults, makes keys, and begins moves to other keys',
    size: ANSWERER,
    environment: [...KEY_POLICY_WRITER, ENV.moverFunction],
    asynchronous: false,
  },
  'admin-query': {
    description: 'Admin API: answers questions from the ledger and from both copies',
    size: ANSWERER,
    environment: [...KEY_NAMER, ...SIGNING],
    asynchronous: false,
  },
  'admin-backup': {
    description: 'Admin API: starts a backup',
    size: ANSWERER,
    environment: [ENV.backupMachine],
    asynchronous: false,
  },
  'admin-push': {
    description: 'Admin API: begins, verifies and commits pushes of folders',
    size: ANSWERER,
    environment: [],
    asynchronous: false,
  },
  'admin-restore': {
    description: 'Admin API: takes a restore request and starts it',
    size: ANSWERER,
    environment: [ENV.restorerFunction],
    asynchronous: false,
  },
  'admin-verify': {
    description: 'Admin API: takes a request to verify a snapshot and starts it',
    size: ANSWERER,
    environment: [ENV.verifierFunction],
    asynchronous: false,
  },
  'admin-govern': {
    description: 'Admin API: policies, erasure requests, approvals and legal holds',
    size: ANSWERER,
    environment: [...KEY_NAMER, ENV.sweeperFunction, ENV.eraserFunction, ENV.holderFunction],
    asynchronous: false,
  },
  'admin-close': {
    description: 'Admin API: closes vaults and clients, and takes confirmations of handovers',
    size: ANSWERER,
    environment: [],
    asynchronous: false,
  },
  'admin-rebuild': {
    description: 'Admin API: puts back into the ledger what the copies show and it has lost',
    // Seals are read whole, and name up to 200,000 packs.
    size: { ...ANSWERER, memoryMiB: 1_769 },
    environment: [...KEY_NAMER, ENV.comparerFunction, ...HOLD_KEEPER],
    asynchronous: false,
  },
  'admin-export': {
    description: 'Admin API: signs the audit chains that auditors take away',
    size: ANSWERER,
    environment: SIGNING,
    asynchronous: false,
  },
  'schedule-backups': {
    description: 'Starts the backups that are due',
    size: PASS,
    environment: [ENV.backupMachine],
    asynchronous: true,
    everyMinutes: 15,
  },
  'run-backup': {
    description: 'Backs up one vault, or one shard of it, into both copies',
    size: WORKER,
    environment: [ENV.shardRecords],
    asynchronous: false,
  },
  'record-backup-failure': {
    description: 'Records that a backup gave up',
    size: STEP,
    environment: [],
    asynchronous: false,
  },
  'repair-copies': {
    description: 'Completes snapshots in the copy that was down when they were taken',
    // Large packs pass through its memory in parts, from one Region to the other.
    size: WORKER,
    environment: [],
    asynchronous: true,
    everyMinutes: 60,
  },
  'move-vaults': {
    description:
      'Writes the vaults that are moved to other keys anew under them, and reads it back',
    size: WORKER,
    environment: [ENV.moverFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 60,
  },
  'restore-snapshot': {
    description: 'Restores records of one snapshot to a bucket',
    size: WORKER,
    environment: [],
    asynchronous: true,
  },
  'verify-snapshot': {
    description: 'Verifies a snapshot in both copies: every object, and in depth every record',
    size: WORKER,
    environment: [ENV.verifierFunction],
    asynchronous: true,
    startsItself: true,
  },
  'start-drills': {
    description: 'Starts the drills that are due: deep verifications of the newest snapshots',
    size: PASS,
    environment: [ENV.verifierFunction],
    asynchronous: true,
    everyMinutes: 60,
  },
  'apply-holds': {
    description: "Switches S3's legal hold of every held object on, and off after the release",
    size: PASS,
    environment: [ENV.eraserFunction],
    asynchronous: true,
    everyMinutes: 60,
  },
  'end-retention': {
    description: 'Asks for the erasure of closed vaults whose time has come',
    size: PASS,
    environment: [],
    asynchronous: true,
    everyMinutes: 24 * 60,
  },
  'advance-erasures': {
    description: 'Disables keys and schedules their deletion once an erasure is approved',
    size: PASS,
    environment: [ENV.ownFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 60,
  },
  'confirm-erasures': {
    description: 'Confirms that destroyed keys open nothing in either Region',
    size: PASS,
    environment: [ENV.confirmerFunction, ENV.certifierFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 60,
  },
  'certify-erasures': {
    description: 'Signs the certificates of completed erasures and writes their tombstones',
    size: PASS,
    environment: [...KEY_NAMER, ...SIGNING, ENV.certifierFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 60,
  },
  'write-checkpoint': {
    description: 'Signs the heads of all audit chains',
    size: PASS,
    environment: SIGNING,
    asynchronous: true,
    everyMinutes: 24 * 60,
  },
  'compare-tombstones': {
    description: 'Compares the ledger with the tombstones in both copies, every day',
    size: PASS,
    environment: [ENV.signingKey, ENV.comparerFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 24 * 60,
  },
  'renew-proofs': {
    description: 'Extends the locks of certificates, checkpoints and tombstones, every day',
    size: PASS,
    environment: [ENV.ownFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 24 * 60,
  },
  'record-key-event': {
    description: 'Records what happened to keys, in both Regions, from CloudTrail',
    size: STEP,
    environment: [ENV.eraserFunction, ENV.keyPolicyFunction, ENV.confirmerFunction],
    asynchronous: true,
  },
  'restore-key-policies': {
    description: 'Gives the keys of a vault their own policy again after somebody changed it',
    size: STEP,
    environment: KEY_POLICY_WRITER,
    asynchronous: false,
  },
  'compare-keys': {
    description: 'Compares what KMS says of the keys with what the ledger wants, every day',
    size: PASS,
    environment: [ENV.eraserFunction, ENV.ownFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 24 * 60,
  },
  'check-protection': {
    description: 'Asks S3 whether every kept snapshot is present and locked in both copies',
    size: PASS,
    environment: [...HOLD_KEEPER, ENV.ownFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 60,
  },
  'verify-share': {
    description: 'Reads a share of both copies every day, so that each byte is read in time',
    size: WORKER,
    environment: [],
    asynchronous: true,
    everyMinutes: 24 * 60,
  },
  'renew-locks': {
    description: 'Extends the locks of what kept snapshots need, every day',
    size: WORKER,
    environment: [ENV.ownFunction],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 24 * 60,
  },
  'sweep-copies': {
    description: 'Lets snapshots expire and removes what nobody needs from both copies',
    size: WORKER,
    environment: [ENV.sweeperFunction, ...HOLD_KEEPER],
    asynchronous: true,
    startsItself: true,
    everyMinutes: 24 * 60,
  },
};
