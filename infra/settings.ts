/**
 * What an operator decides about one installation. Everything else follows from it.
 *
 * Source of the values: `app.ts`. Nothing else under `infra/` reads the environment or the context.
 */
import { z } from 'zod';
import type { Partition } from '../shared/domain/regions.ts';
import { checkRegionPair } from './residency.ts';

/** Settings that cannot be deployed. The message lists every problem and shows an example. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}

/**
 * Longest lock a version may be given unless the settings say otherwise. The built-in policies
 * lock for 97 days at most; a year and a month leaves room for own ones, and nothing that a mistake
 * or an intruder writes can then occupy a copy for longer.
 */
export const DEFAULT_MAX_LOCK_DAYS = 400;

/**
 * A low number: S3 bears 5,500 reads a second on one prefix (S3 user guide, "Best practices design
 * patterns"), some 100 functions' worth, and KMS limits the requests a second of the whole account.
 */
const BACKUP_CONCURRENCY = 10;

/**
 * At some 25 ms a read and 16 at once, one function reads as many records in about 13 minutes, and
 * compares as many unchanged ones in about 15 seconds.
 */
const SHARD_RECORDS = 500_000;

/**
 * Of a vault that changes completely every day, a sweep removes a thirtieth; that half of it goes
 * at once is worth a look.
 */
export const DEFAULT_MAX_SWEEP_PERCENT = 50;

/** S3 accepts at most 100 years (S3 user guide, "Managing Object Lock"). */
const LONGEST_LOCK_DAYS = 36_500;

/** Lets the bucket name `holdfast-<installation>-<account>-secondary-<region>` stay within S3's 63
 * characters for the longest Region name (14 characters). */
const LONGEST_INSTALLATION = 16;

/** Lists are JSON arrays (`cdk.json`, settings file) or comma separated text (`-c`, variables). */
const list = (item: z.ZodString) =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : value,
    z.array(item),
  );

const region = z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'expected a Region such as eu-west-1');

/** Rules of S3 bucket names that matter here: no wildcard may enter a policy through a name. */
const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of an S3 bucket, without s3://');

/** The middle lines of a PEM file as one: SubjectPublicKeyInfo of a key on P-256, 91 bytes. */
const publicKey = z
  .string()
  .regex(/^MFkwEwYHKoZIzj0[A-Za-z0-9+/]{107}==$/, 'expected the base64 of a P-256 public key');

const SETTINGS = z.strictObject({
  /** Part of every physical name: two installations can share an account. */
  installation: z
    .string()
    .regex(/^[a-z][a-z0-9-]*[a-z0-9]$/, 'expected lower-case letters, digits and hyphens')
    .max(LONGEST_INSTALLATION)
    .default('main'),
  account: z.string().regex(/^\d{12}$/, 'expected the 12 digits of an AWS account'),
  primaryRegion: region,
  secondaryRegion: region,
  /** Jurisdictions that may hold client data; both Regions must lie in one of them. */
  residency: list(z.string()).pipe(z.array(z.string()).min(1, 'name at least one jurisdiction')),
  /** Buckets that vaults back up from. A source in any other bucket is denied by IAM. */
  sourceBuckets: list(bucketName).default([]),
  /** Buckets that restores may write to. */
  restoreBuckets: list(bucketName).default([]),
  /** Longest lock in days that either copy accepts. Also bounds what a mistake can cost. */
  maxLockDays: z.coerce.number().int().min(1).max(LONGEST_LOCK_DAYS).default(DEFAULT_MAX_LOCK_DAYS),
  /** Most shards of one vault that are backed up at once. */
  backupConcurrency: z.coerce.number().int().min(1).max(1_000).default(BACKUP_CONCURRENCY),
  /** Records of one shard, about; a vault with four times as many is backed up in shards. */
  shardRecords: z.coerce.number().int().min(1).max(100_000_000).default(SHARD_RECORDS),
  /** Most percent of a vault's bytes, or snapshots, that one sweep removes unconfirmed. */
  maxSweepPercent: z.coerce.number().int().min(1).max(100).default(DEFAULT_MAX_SWEEP_PERCENT),
  /** Public keys that signed before the signing key was replaced: the base64 of their PEM. */
  retiredSigningKeys: list(publicKey).default([]),
  /** Address that alarms are mailed to. None: subscribe to the topic by hand. */
  alarmEmail: z.email().optional(),
  /** Qualifier of the CDK bootstrap stack whose deployment role may change the locked buckets. */
  bootstrapQualifier: z
    .string()
    .regex(/^[a-z0-9]{1,10}$/)
    .default('hnb659fds'),
});

/** Names of all settings, as used in the context and in settings files. */
export const SETTING_NAMES = Object.keys(SETTINGS.shape) as (keyof typeof SETTINGS.shape)[];

export type Settings = z.infer<typeof SETTINGS> & { readonly partition: Partition };

const EXAMPLE = `Example:
  npm run synth -- -c account=111122223333 -c primaryRegion=eu-central-1 \\
    -c secondaryRegion=eu-west-1 -c residency=eu -c sourceBuckets=client-records
or put the same keys into a JSON file and name it: npm run synth -- -c settings=FILE.json
(see infra/examples/).`;

/**
 * @param raw - values by setting name, as found; unknown names are refused.
 * @returns complete settings of a pair of Regions that may be deployed.
 * @throws SettingsError when a value is missing, wrong or unknown.
 * @throws ResidencyError when the Regions may not form an installation.
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>): Settings {
  const parsed = SETTINGS.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${describe(issue, raw)}`);
    throw new SettingsError(`The settings are not usable:\n${problems.join('\n')}\n${EXAMPLE}`);
  }
  const settings = parsed.data;
  const partition = checkRegionPair(settings);
  for (const bucket of [...settings.sourceBuckets, ...settings.restoreBuckets]) {
    if (bucket.startsWith(`holdfast-${settings.installation}-${settings.account}-`)) {
      throw new SettingsError(
        `${bucket} is one of this installation's copies. A copy can be neither a source nor a ` +
          'restore target: remove it from sourceBuckets and restoreBuckets.',
      );
    }
  }
  return { ...settings, partition };
}

function describe(issue: z.core.$ZodIssue, raw: Readonly<Record<string, unknown>>): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: no such setting`;
  const name = String(issue.path[0]);
  return raw[name] === undefined ? `${name}: missing` : `${issue.path.join('.')}: ${issue.message}`;
}
