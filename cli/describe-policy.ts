import { ZodError } from 'zod';
import { describeProblems } from '../shared/admin-api/describe-problems.ts';
import { type Policy, readPolicy } from '../shared/domain/policy.ts';
import type { PolicyDiff } from '../shared/domain/policy-diff.ts';
import { type PolicyDocument, policyDocument } from '../shared/domain/policy-document.ts';
import { type Keep, TIERS } from '../shared/domain/rotation.ts';
import { usageError } from './cli-error.ts';
import { readJsonFile } from './read-json-file.ts';
import { count, lines } from './render.ts';

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
    ['linger', `what expired leaves a pack after ${count(policy.lingerDays, 'day')} at the latest`],
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
  const { minimumDays, horizonDays } = lock;
  const grid = `rounded up to a grid of ${count(lock.gridDays, 'day')}`;
  return lock.mode === 'full'
    ? `full: to the end of the snapshot from its first day, ${grid}`
    : `rolling: at least ${minimumDays}, at most ${count(horizonDays, 'day')} ahead, ${grid}`;
}

function describeErasing({ approvals, graceDays, windowDays }: Policy['erasure']): string {
  const people = approvals === 1 ? 'one other person' : `${approvals} other people`;
  return (
    `approved by ${people}, ${count(graceDays, 'day')} with disabled keys, ` +
    `then ${count(windowDays, 'day')} until KMS deletes them`
  );
}

/** @returns each change in a sentence, then what follows from all of them. */
export function describeDiff({ changes, effects }: PolicyDiff): string {
  return changes.length === 0
    ? lines('Nothing differs but the number of the version.')
    : lines(...changes.map(({ says }) => `- ${says}`), ...effects.map((each) => `=> ${each}`));
}

/**
 * Reads a policy that lies in a file.
 * @throws CliError `USAGE` naming each field that is wrong.
 */
export async function readPolicyFile(
  path: string,
): Promise<{ policy: Policy; document: PolicyDocument }> {
  const content = await readJsonFile(path);
  try {
    return { policy: readPolicy(content), document: policyDocument.parse(content) };
  } catch (error) {
    if (!(error instanceof ZodError)) {
      throw error;
    }
    const problems = describeProblems(error, 'the document');
    throw usageError(`The policy in ${path} is not valid: ${problems}.`, 'Correct the file.');
  }
}
