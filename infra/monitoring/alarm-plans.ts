/** The alarms: what each watches, when it rings, and which section of the runbook it points to. */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS } from '../../shared/config/metric-names.ts';
import { READ_WITHIN_DAYS } from '../../shared/domain/read-rotation.ts';
import { FUNCTION_NAMES, type FunctionName } from '../function-plans.ts';
import type { Names } from '../names.ts';
import { failedEvents, functionMetric, pipelineMetric } from './metrics.ts';

export interface AlarmPlan {
  /** Last part of the alarm's name; unique. */
  readonly id: string;
  /** Heading in `docs/operations.md`, as an anchor. */
  readonly anchor: string;
  /** One sentence for whoever reads the notification. */
  readonly says: string;
  readonly metric: IMetric;
  /** Rings when the metric is above this. @default 0 */
  readonly above?: number;
  /** In how many periods, one after the other, it must be above before the alarm rings. */
  readonly periods: number;
  /** What silence means. */
  readonly missing: TreatMissingData;
}

const SOON = Duration.minutes(5);
/** For what must be stopped while it can be. */
const AT_ONCE = Duration.minutes(1);
const HOURLY = Duration.hours(1);
const DAILY = Duration.days(1);
/** A counter that nobody counts up is zero. */
const QUIET_IS_GOOD = TreatMissingData.NOT_BREACHING;
/** A gauge that nobody reports is unknown, and unknown is not protected. */
const QUIET_IS_BAD = TreatMissingData.BREACHING;
/** Two times a check's interval tell a late report from a missing one. */
const TWO_CHECKS = 2;
/** A backup starts up to 15 minutes after it is due and may go on for 2 hours with all its retries.
 * Among many vaults some are always a little past their time. */
const STALE_HOURS = 2;
/**
 * A lock is extended a week before it must be. What became due only today, as by a new hold or a
 * new policy, is extended by tomorrow and rings nothing; a renewal that fails rings in time.
 */
const LATE_DAYS = 2;
/** The drills of many vaults that become due together take a week; then some are tried again. */
const DRILL_LATE_DAYS = 10;
/** CloudWatch accepts at most 10 metrics in one alarm (CloudWatch quotas). */
const METRICS_PER_ALARM = 10;

/** @returns every alarm of an installation. */
export function alarmPlans(names: Names): readonly AlarmPlan[] {
  return [
    ...pipelineAlarms(names),
    ...decisionAlarms(names),
    ...retentionAlarms(names),
    ...proofAlarms(names),
    ...FUNCTION_NAMES.map((name) => functionErrors(name, names)),
    ...throttles(names),
    failedEventsAlarm(names),
  ];
}

/** Of the queue in the Region of whoever asks: each has its own, under one name. */
export function failedEventsAlarm(names: Names): AlarmPlan {
  return {
    id: 'failed-events',
    anchor: 'failed-events',
    says: 'An event could not be handled and waits in the queue of failed events.',
    metric: failedEvents(names),
    periods: 1,
    missing: QUIET_IS_GOOD,
  };
}

function pipelineAlarms(names: Names): readonly AlarmPlan[] {
  return [
    {
      id: 'backup-failed',
      anchor: 'backup-failed',
      says: 'A backup gave up after its retries.',
      metric: pipelineMetric(names, METRICS.backupFailed, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'snapshot-incomplete',
      anchor: 'snapshot-incomplete',
      says: 'A snapshot was committed without some records of its source, which could not be read.',
      metric: pipelineMetric(names, METRICS.snapshotIncomplete, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'backup-stale',
      anchor: 'backup-stale',
      says: 'A backup of some vault is more than 2 hours overdue, or nobody checked.',
      metric: pipelineMetric(names, METRICS.backupStaleHours, 'Maximum', HOURLY),
      above: STALE_HOURS,
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'rpo-exceeded',
      anchor: 'recovery-point-exceeded',
      says: 'The newest snapshot of some vault is older than its policy allows, or nobody checked.',
      metric: pipelineMetric(names, METRICS.rpoExceededHours, 'Maximum', HOURLY),
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'single-copy',
      anchor: 'single-copy',
      says: 'A kept snapshot is absent or unlocked in one copy, or nobody checked.',
      metric: pipelineMetric(names, METRICS.singleCopySnapshots, 'Maximum', HOURLY),
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'restore-failed',
      anchor: 'restore-failed',
      says: 'A restore ended without every record verified.',
      metric: pipelineMetric(names, METRICS.restoreFailed, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'copy-damaged',
      anchor: 'copy-damaged',
      says: 'An object in a copy is not what was written, is missing, or is not locked.',
      metric: pipelineMetric(names, METRICS.copyDamaged, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'drill-failed',
      anchor: 'drill-failed',
      says: 'A drill did not find everything whole that the newest snapshot of a vault needs.',
      metric: pipelineMetric(names, METRICS.drillFailed, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'drill-overdue',
      anchor: 'drill-overdue',
      says: 'No drill of some vault has passed for 10 days longer than its policy allows.',
      metric: pipelineMetric(names, METRICS.drillOverdueDays, 'Maximum', HOURLY),
      above: DRILL_LATE_DAYS,
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'verification-behind',
      anchor: 'verification-behind',
      says: 'Something in a copy was not read for more than 100 days, or nobody looked.',
      metric: pipelineMetric(names, METRICS.unverifiedDays, 'Maximum', DAILY),
      above: READ_WITHIN_DAYS,
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
  ];
}

/** Of holds, keys and erasures. */
function decisionAlarms(names: Names): readonly AlarmPlan[] {
  return [
    {
      id: 'legal-holds-behind',
      anchor: 'legal-holds-behind',
      says: "S3's legal hold is missing on something that is held, or nobody looked.",
      metric: pipelineMetric(names, METRICS.legalHoldsBehind, 'Maximum', HOURLY),
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'legal-holds-disputed',
      anchor: 'legal-holds-disputed',
      says: "S3's legal holds are not those of the ledger: one that nobody knows, or one is gone.",
      metric: pipelineMetric(names, METRICS.legalHoldsDisputed, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'unexpected-key-event',
      anchor: 'unexpected-key-event',
      says: 'A vault key was disabled, scheduled for deletion or re-permitted outside an erasure.',
      metric: pipelineMetric(names, METRICS.unexpectedKeyEvent, 'Sum', AT_ONCE),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'key-events-missing',
      anchor: 'key-events-missing',
      says: 'Keys were suspended and no key event came of it, or nobody compared the keys.',
      metric: pipelineMetric(names, METRICS.keyEventsMissing, 'Maximum', DAILY),
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'installation-key-event',
      anchor: 'installation-key-event',
      says: 'The root key or the signing key was disabled, destroyed or changed by somebody.',
      metric: pipelineMetric(names, METRICS.installationKeyEvent, 'Sum', AT_ONCE),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'erasure-overdue',
      anchor: 'erasure-overdue',
      says: 'An erasure is past the time of its next step, or nobody looked.',
      metric: pipelineMetric(names, METRICS.erasureOverdueHours, 'Maximum', HOURLY),
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'handover-overdue',
      anchor: 'handover-overdue',
      says: 'Nobody has confirmed a handover in 30 days, and the records are still here.',
      metric: pipelineMetric(names, METRICS.handoverOverdueHours, 'Maximum', DAILY),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
  ];
}

function proofAlarms(names: Names): readonly AlarmPlan[] {
  return [
    {
      id: 'erasure-not-certified',
      anchor: 'erasure-not-certified',
      says: 'A vault is erased, and its certificate cannot be issued: something it states is missing.',
      metric: pipelineMetric(names, METRICS.certificateRefused, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'audit-broken',
      anchor: 'audit-broken',
      says: 'An audit chain is broken, or is not the one that the last checkpoint has signed.',
      metric: pipelineMetric(names, METRICS.brokenChains, 'Maximum', DAILY),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'denial-lost',
      anchor: 'denial-lost',
      says: 'Somebody attempted what a rule forbids, and no audit chain could take it.',
      metric: pipelineMetric(names, METRICS.denialLost, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'checkpoint-missing',
      anchor: 'checkpoint-missing',
      says: 'No checkpoint over the audit chains was written for two days.',
      metric: pipelineMetric(names, METRICS.checkpointGapDays, 'Maximum', DAILY),
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'tombstone-disputed',
      anchor: 'tombstone-disputed',
      says: 'A vault has a tombstone although its keys exist.',
      metric: pipelineMetric(names, METRICS.tombstoneDisputed, 'Maximum', DAILY),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
  ];
}

function retentionAlarms(names: Names): readonly AlarmPlan[] {
  return [
    {
      id: 'locks-late',
      anchor: 'locks-late',
      says: 'Locks are not extended in time: in a few days some fall under their minimum.',
      metric: pipelineMetric(names, METRICS.lockDelayDays, 'Maximum', DAILY),
      above: LATE_DAYS,
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'locks-unknown',
      anchor: 'locks-unknown',
      says: 'For two days a copy has not told of all locks, or nobody asked.',
      metric: pipelineMetric(names, METRICS.locksUnknown, 'Maximum', DAILY),
      periods: TWO_CHECKS,
      missing: QUIET_IS_BAD,
    },
    {
      id: 'sweep-stopped',
      anchor: 'sweep-stopped',
      says: 'A sweep removed nothing from a vault: a person has to look first.',
      metric: pipelineMetric(names, METRICS.sweepStopped, 'Sum', SOON),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
    {
      id: 'vault-unknown',
      anchor: 'vault-unknown',
      says: 'A vault lies in a copy and is not in the ledger: nobody extends its locks.',
      metric: pipelineMetric(names, METRICS.unknownVaults, 'Maximum', DAILY),
      periods: 1,
      missing: QUIET_IS_GOOD,
    },
  ];
}

function functionErrors(name: FunctionName, names: Names): AlarmPlan {
  return {
    id: `errors-${name}`,
    anchor: 'function-errors',
    says: `The function ${name} ended with an error.`,
    metric: functionMetric(names, name, 'Errors'),
    periods: 1,
    missing: QUIET_IS_GOOD,
  };
}

/** Functions that carry out decisions on keys and holds. */
const GOVERNING = /^(apply-|end-|move-|record-key-|\w+-(erasures|keys)$)/;
/** Functions that read what lies in the copies, or start that. */
const VERIFYING = /^(verify-|start-drills$)/;

/** Functions that write proofs, keep them, and compare the ledger with them. */
const PROVING = /-(checkpoint|tombstones|proofs)$/;

/** One alarm for each group of functions that fits into an alarm. */
function throttles(names: Names): readonly AlarmPlan[] {
  const groups = {
    api: FUNCTION_NAMES.filter((name) => name.startsWith('admin-')),
    verification: FUNCTION_NAMES.filter((name) => VERIFYING.test(name)),
    proofs: FUNCTION_NAMES.filter((name) => PROVING.test(name)),
    governance: FUNCTION_NAMES.filter((name) => GOVERNING.test(name)),
    pipeline: FUNCTION_NAMES.filter(
      (name) => ![/^admin-/, VERIFYING, GOVERNING, PROVING].some((others) => others.test(name)),
    ),
  };
  return Object.entries(groups).map(([group, functions]) => {
    if (functions.length > METRICS_PER_ALARM) {
      throw new RangeError(`${functions.length} functions do not fit into one throttles alarm`);
    }
    const terms = functions.map((name, index) => ({ key: `m${index}`, name }));
    return {
      id: `throttles-${group}`,
      anchor: 'throttles',
      says: 'Lambda refused to start a function because the account ran out of concurrency.',
      metric: new MathExpression({
        expression: terms.map(({ key }) => key).join(' + '),
        usingMetrics: Object.fromEntries(
          terms.map(({ key, name }) => [key, functionMetric(names, name, 'Throttles')]),
        ),
        label: `Throttles (${group})`,
        period: SOON,
      }),
      periods: 1,
      missing: QUIET_IS_GOOD,
    };
  });
}
