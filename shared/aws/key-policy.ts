/** Who may do what with a vault's keys. All are role ARNs. */
export interface KeyPolicyRoles {
  /** Roles that write backups: they wrap and unwrap data keys. */
  readonly users: readonly string[];
  /** Roles that only read: restores, and the proof that nothing opens any more. */
  readonly readers: readonly string[];
  /** The one role that may make keys unusable and schedule their deletion. It cannot decrypt. */
  readonly eraser: string;
  /** Roles that make keys and repair their policies. They seal the probe and cannot decrypt. */
  readonly admins: readonly string[];
}

/** Shortest waiting period the policy allows; also KMS's own minimum (API, ScheduleKeyDeletion). */
const MIN_WINDOW_DAYS = 7;

const USER_ACTIONS = ['kms:GenerateDataKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey'];
const READER_ACTIONS = ['kms:Decrypt', 'kms:DescribeKey'];
const SWITCH_ACTIONS = [
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:CancelKeyDeletion',
  'kms:DescribeKey',
];
const ADMIN_ACTIONS = [
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GetKeyPolicy',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:TagResource',
];
const ACCOUNT_ACTIONS = [
  'kms:DescribeKey',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
];

/**
 * The policy of a vault's key, as the object that becomes its JSON.
 *
 * - Roles are named in a condition on `aws:PrincipalArn` and not as principals. KMS binds a
 *   principal to the role's internal id, so that a role deployed anew under its name would be shut
 *   out of every key; the condition compares names. The role's own IAM policy must allow the action
 *   as well.
 * - Nobody else in the account can use the key, whatever IAM allows: the account as such may only
 *   look.
 * - The root user alone may replace the policy, so that a lost role never locks the owner out. It
 *   cannot decrypt without doing so, and `PutKeyPolicy` is reported as a key event.
 */
export function keyPolicy(partition: string, account: string, roles: KeyPolicyRoles) {
  const root = `arn:${partition}:iam::${account}:root`;
  const allow = (
    Sid: string,
    Action: readonly string[],
    byArn: readonly string[],
    further: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
  ) => ({
    Sid,
    Effect: 'Allow',
    Principal: { AWS: root },
    Action,
    Resource: '*',
    ...(byArn.length === 0
      ? {}
      : { Condition: { ArnEquals: { 'aws:PrincipalArn': byArn }, ...further } }),
  });
  const atLeastWindow = {
    NumericGreaterThanEquals: {
      'kms:ScheduleKeyDeletionPendingWindowInDays': String(MIN_WINDOW_DAYS),
    },
  };
  const allowRoles = (sid: string, actions: readonly string[], arns: readonly string[]) =>
    // Without a name the condition would be missing, and everybody allowed.
    arns.length === 0 ? [] : [allow(sid, actions, arns)];
  return {
    Version: '2012-10-17',
    Statement: [
      ...allowRoles('UsersWrapAndUnwrap', USER_ACTIONS, roles.users),
      ...allowRoles('ReadersUnwrap', READER_ACTIONS, roles.readers),
      ...allowRoles('EraserSwitches', SWITCH_ACTIONS, [roles.eraser]),
      allow('EraserDestroys', ['kms:ScheduleKeyDeletion'], [roles.eraser], atLeastWindow),
      ...allowRoles('AdminsManage', ADMIN_ACTIONS, roles.admins),
      allow('AccountLooks', ACCOUNT_ACTIONS, []),
      allow('RootUserRepairs', ['kms:PutKeyPolicy'], [root]),
    ],
  };
}
