/**
 * Names of the environment variables that `infra/` sets on a function and `service-config.ts`
 * reads. Both sides import this list, so a rename cannot break only one of them.
 */
export const ENV = {
  /** Name of the installation: prefix of all physical names, lower case. */
  installation: 'HOLDFAST_INSTALLATION',
  primaryRegion: 'HOLDFAST_PRIMARY_REGION',
  secondaryRegion: 'HOLDFAST_SECONDARY_REGION',
  primaryBucket: 'HOLDFAST_PRIMARY_BUCKET',
  secondaryBucket: 'HOLDFAST_SECONDARY_BUCKET',
  ledgerTable: 'HOLDFAST_LEDGER_TABLE',
  /** Longest lock in days that the bucket policies of the copies accept. */
  maxLockDays: 'HOLDFAST_MAX_LOCK_DAYS',
  /** Most percent of a vault that one sweep removes without a person's word. */
  maxSweepPercent: 'HOLDFAST_MAX_SWEEP_PERCENT',
  /** AWS account id, needed to write key policies. */
  account: 'HOLDFAST_ACCOUNT',
  /** ARN of the state machine that runs backups. */
  backupMachine: 'HOLDFAST_BACKUP_MACHINE',
  /** Records of one shard of a backup, about. */
  shardRecords: 'HOLDFAST_SHARD_RECORDS',
  /** Function names that other functions invoke. */
  eraserFunction: 'HOLDFAST_ERASER_FUNCTION',
  keyPolicyFunction: 'HOLDFAST_KEY_POLICY_FUNCTION',
  restorerFunction: 'HOLDFAST_RESTORER_FUNCTION',
  confirmerFunction: 'HOLDFAST_CONFIRMER_FUNCTION',
  certifierFunction: 'HOLDFAST_CERTIFIER_FUNCTION',
  verifierFunction: 'HOLDFAST_VERIFIER_FUNCTION',
  comparerFunction: 'HOLDFAST_COMPARER_FUNCTION',
  sweeperFunction: 'HOLDFAST_SWEEPER_FUNCTION',
  holderFunction: 'HOLDFAST_HOLDER_FUNCTION',
  moverFunction: 'HOLDFAST_MOVER_FUNCTION',
  /** The function's own name, for those that hand over to themselves. */
  ownFunction: 'HOLDFAST_OWN_FUNCTION',
  /** ARN of the alias of the key that signs certificates and checkpoints. */
  signingKey: 'HOLDFAST_SIGNING_KEY',
  /** Public keys that signed before, comma separated, or `none`. */
  retiredSigningKeys: 'HOLDFAST_RETIRED_SIGNING_KEYS',
  /** Role ARNs written into each vault key's policy, comma separated per purpose. */
  keyUserRoles: 'HOLDFAST_KEY_USER_ROLES',
  keyReaderRoles: 'HOLDFAST_KEY_READER_ROLES',
  keyEraserRole: 'HOLDFAST_KEY_ERASER_ROLE',
  keyAdminRoles: 'HOLDFAST_KEY_ADMIN_ROLES',
} as const;

export type EnvName = (typeof ENV)[keyof typeof ENV];
