import type { Policy } from '../shared/domain/policy.ts';
import { type Keep, TIERS } from '../shared/domain/rotation.ts';

/** @returns the lines that explain a policy's own decisions; those of the law stand apart. */
export function policyFacts(policy: Policy): [string, string][] {
  const { backup, erasure, fiscalYearEnd, residency, drillEveryDays } = policy;
  return [
    ['policy', `${policy.id}, version ${policy.version}`],
    ['title', policy.title],
    ['role', policy.role],
    ['backup', `every ${backup.everyHours} h; at most ${backup.rpoHours} h of work may be lost`],
    ['snapshots', `kept: ${describeKeep(policy.snapshots.keep)}`],
    ['locks', describeLock(policy)],
    ['linger', `what expired leaves a pack after ${policy.lingerDays} days at the latest`],
    ['erasing', describeErasing(erasure)],
    ['foreign keys', erasure.undoForeignKeyEvents ? 'put right at once' : 'told by an alarm only'],
    ...(drillEveryDays === null ? [] : [['drill', `every ${drillEveryDays} days`] as Fact]),
    ...(residency === null ? [] : [['residency', residency] as Fact]),
    ['time zone', policy.timeZone],
    ['fiscal year', `ends on day ${fiscalYearEnd.day} of month ${fiscalYearEnd.month}`],
  ];
}

type Fact = [string, string];

/** @returns the points in time that are kept, such as `35 daily, 12 monthly`. */
export function describeKeep(keep: Keep): string {
  return TIERS.filter((tier) => keep[tier] > 0)
    .map((tier) => `${keep[tier]} ${tier}`)
    .join(', ');
}

function describeLock({ lock }: Policy): string {
  const grid = `rounded up to a grid of ${lock.gridDays} days`;
  return lock.mode === 'full'
    ? `full: to the end of the snapshot from its first day, ${grid}`
    : `rolling: at least ${lock.minimumDays}, at most ${lock.horizonDays} days ahead, ${grid}`;
}

function describeErasing({ approvals, graceDays, windowDays }: Policy['erasure']): string {
  const people = approvals === 1 ? 'one other person' : `${approvals} other people`;
  return (
    `approved by ${people}, ${graceDays} days with disabled keys, ` +
    `then ${windowDays} days until KMS deletes them`
  );
}
