/**
 * Finds the value of each setting: the context wins, then a settings file, then the environment.
 */
import { SETTING_NAMES, SettingsError } from './settings.ts';

/** Environment variable per setting, for machines that pass no context. */
const VARIABLES: Readonly<Record<(typeof SETTING_NAMES)[number], readonly string[]>> = {
  installation: ['HOLDFAST_INSTALLATION'],
  account: ['HOLDFAST_ACCOUNT', 'CDK_DEFAULT_ACCOUNT'],
  primaryRegion: ['HOLDFAST_PRIMARY_REGION'],
  secondaryRegion: ['HOLDFAST_SECONDARY_REGION'],
  residency: ['HOLDFAST_RESIDENCY'],
  sourceBuckets: ['HOLDFAST_SOURCE_BUCKETS'],
  restoreBuckets: ['HOLDFAST_RESTORE_BUCKETS'],
  maxLockDays: ['HOLDFAST_MAX_LOCK_DAYS'],
  backupConcurrency: ['HOLDFAST_BACKUP_CONCURRENCY'],
  shardRecords: ['HOLDFAST_SHARD_RECORDS'],
  maxSweepPercent: ['HOLDFAST_MAX_SWEEP_PERCENT'],
  retiredSigningKeys: ['HOLDFAST_RETIRED_SIGNING_KEYS'],
  alarmEmail: ['HOLDFAST_ALARM_EMAIL'],
  bootstrapQualifier: ['HOLDFAST_BOOTSTRAP_QUALIFIER'],
};

export interface SettingSources {
  /** The CDK context: `cdk.json` overlaid by `-c key=value`. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads the JSON file that the context key `settings` names. */
  readonly readFile: (path: string) => string;
}

/**
 * @returns raw values by setting name. Context keys that look like settings but are unknown are
 *   kept, so that a misspelt `-c` is refused by the schema rather than ignored. CDK's own keys are
 *   told apart by the `:` or `/` in them.
 * @throws SettingsError when the settings file cannot be read or is not a JSON object.
 */
export function gatherSettings(sources: SettingSources): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const variable = VARIABLES[name].find((key) => (sources.environment[key] ?? '') !== '');
    if (variable !== undefined) raw[name] = sources.environment[variable];
  }
  const { settings: path, ...context } = sources.context;
  if (typeof path === 'string') Object.assign(raw, readSettings(path, sources.readFile));
  for (const [key, value] of Object.entries(context)) {
    if (!/[:/]/.test(key)) raw[key] = value;
  }
  return raw;
}

function readSettings(path: string, readFile: (path: string) => string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFile(path));
  } catch (cause) {
    throw new SettingsError(`The settings file ${path} is not readable as JSON: ${String(cause)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new SettingsError(`The settings file ${path} must hold one JSON object.`);
  }
  return parsed;
}
