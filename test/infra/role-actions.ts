/** Of a function that nobody waits for, and that starts others. */
const STARTS_OTHERS = ['lambda:InvokeFunction', 'sqs:SendMessage'];

const LEDGER_READ = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:DescribeTable'];
const LEDGER = [...LEDGER_READ, 'dynamodb:PutItem'];
/** What writing to its own log group takes. */
export const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
/** What looking into both copies takes. */
export const READ_COPIES = [
  's3:ListBucket',
  's3:ListBucketVersions',
  's3:GetObject',
  's3:GetObjectVersion',
  's3:GetObjectRetention',
  's3:GetObjectLegalHold',
];

/** What reading the headers of encrypted messages takes. */
const HEADERS = ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetObjectVersion'];
const SEE_RECOVERY = ['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable'];
const WRITE_PROOFS = ['s3:PutObject', 's3:PutObjectRetention', 'kms:Sign', 'kms:GetPublicKey'];

/** Every action of every role, beyond writing to its own log group. */
export const ROLE_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'admin-register': [
    ...LEDGER,
    'kms:CreateKey',
    'kms:TagResource',
    'kms:PutKeyPolicy',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
    's3:ListBucketVersions',
    'lambda:InvokeFunction',
  ],
  'admin-query': [...LEDGER_READ, ...READ_COPIES, 'kms:DescribeKey', 'kms:GetPublicKey'],
  'admin-backup': [...LEDGER, 'states:StartExecution'],
  'admin-push': [...LEDGER, ...READ_COPIES, 's3:PutObjectRetention'],
  'admin-restore': [...LEDGER, 's3:ListBucketVersions', 'lambda:InvokeFunction'],
  'admin-verify': [...LEDGER, 'lambda:InvokeFunction'],
  'admin-govern': [...LEDGER, ...HEADERS, 'kms:DescribeKey', 'lambda:InvokeFunction'],
  'admin-close': LEDGER,
  'admin-export': [
    ...LEDGER_READ,
    's3:ListBucketVersions',
    's3:GetObject',
    's3:GetObjectVersion',
    'kms:Sign',
    'kms:GetPublicKey',
  ],
  'admin-rebuild': [
    ...LEDGER,
    ...READ_COPIES,
    'kms:DescribeKey',
    'kms:Encrypt',
    'lambda:InvokeFunction',
  ],
  'schedule-backups': [...LEDGER, 'states:StartExecution', 'sqs:SendMessage'],
  'run-backup': [
    ...LEDGER,
    ...READ_COPIES,
    's3:GetObjectTagging',
    's3:GetObjectVersionTagging',
    's3:PutObject',
    's3:PutObjectRetention',
    's3:AbortMultipartUpload',
    'kms:GenerateDataKey',
    'kms:Encrypt',
    'kms:Decrypt',
  ],
  'record-backup-failure': LEDGER,
  'repair-copies': [
    ...LEDGER,
    ...READ_COPIES,
    's3:PutObject',
    's3:PutObjectRetention',
    's3:AbortMultipartUpload',
    'sqs:SendMessage',
  ],
  'move-vaults': [
    ...LEDGER,
    ...READ_COPIES,
    's3:PutObject',
    's3:PutObjectRetention',
    's3:AbortMultipartUpload',
    'kms:GenerateDataKey',
    'kms:Encrypt',
    'kms:Decrypt',
    ...STARTS_OTHERS,
  ],
  'restore-snapshot': [
    ...LEDGER,
    ...READ_COPIES,
    's3:PutObject',
    's3:PutObjectTagging',
    's3:AbortMultipartUpload',
    'kms:Decrypt',
    'sqs:SendMessage',
  ],
  'verify-snapshot': [...LEDGER, ...READ_COPIES, 'kms:Decrypt', ...STARTS_OTHERS],
  'start-drills': [...LEDGER, ...STARTS_OTHERS],
  'apply-holds': [...LEDGER, ...READ_COPIES, 's3:PutObjectLegalHold', ...STARTS_OTHERS],
  'end-retention': [...LEDGER, 'sqs:SendMessage'],
  'advance-erasures': [
    ...LEDGER,
    'dynamodb:DeleteItem',
    'dynamodb:ConditionCheckItem',
    'kms:DescribeKey',
    'kms:DisableKey',
    'kms:EnableKey',
    'kms:ScheduleKeyDeletion',
    'kms:CancelKeyDeletion',
    'lambda:InvokeFunction',
    'sqs:SendMessage',
  ],
  'confirm-erasures': [...LEDGER, ...SEE_RECOVERY, 'kms:Decrypt', ...STARTS_OTHERS],
  'certify-erasures': [
    ...LEDGER,
    ...READ_COPIES,
    ...WRITE_PROOFS,
    'kms:DescribeKey',
    ...STARTS_OTHERS,
  ],
  'write-checkpoint': [...LEDGER, ...READ_COPIES, ...WRITE_PROOFS, 'sqs:SendMessage'],
  'compare-tombstones': [
    ...LEDGER,
    's3:ListBucketVersions',
    's3:GetObject',
    's3:GetObjectVersion',
    'kms:DescribeKey',
    'kms:GetPublicKey',
    ...STARTS_OTHERS,
  ],
  'renew-proofs': [
    ...LEDGER_READ,
    ...READ_COPIES.filter((action) => action !== 's3:ListBucket'),
    's3:PutObjectRetention',
    ...STARTS_OTHERS,
  ],
  'record-key-event': [
    ...LEDGER,
    'kms:DescribeKey',
    'kms:EnableKey',
    'kms:CancelKeyDeletion',
    ...STARTS_OTHERS,
  ],
  'restore-key-policies': [...LEDGER, 'kms:GetKeyPolicy', 'kms:PutKeyPolicy'],
  'compare-keys': [...LEDGER, 'kms:DescribeKey', ...STARTS_OTHERS],
  'check-protection': [...LEDGER, ...READ_COPIES, ...STARTS_OTHERS],
  'verify-share': [...LEDGER, ...READ_COPIES, 'sqs:SendMessage'],
  'renew-locks': [...LEDGER, ...READ_COPIES, 's3:PutObjectRetention', ...STARTS_OTHERS],
  'sweep-copies': [
    ...LEDGER,
    'dynamodb:DeleteItem',
    ...READ_COPIES,
    's3:DeleteObjectVersion',
    ...STARTS_OTHERS,
  ],
};
