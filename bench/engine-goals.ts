import type { SetSummary, StepSummary } from './engine-summary.ts';
import { atLeast, atMost, exactly, type Goal } from './goals.ts';

/** Objects of a first backup that are encrypted and so have a data key: all but the seal. */
const KMS_CALLS_PER_OBJECT = 2;

/** @returns the goals that these measurements speak of; those beside a tool only where it ran. */
export function engineGoals(summaries: readonly SetSummary[]): Goal[] {
  return summaries.flatMap((summary) => [
    ...besideRestic(summary),
    ...besideRclone(summary),
    ...requestGoals(summary),
  ]);
}

function besideRestic({ set, tools, storedMiB }: SetSummary): Goal[] {
  const { holdfast, restic } = tools;
  if (holdfast === undefined || restic === undefined) {
    return [];
  }
  const ratio = (step: string, of: 'cpu' | 'wall') =>
    value(holdfast, step, of) / value(restic, step, of);
  const stored = (storedMiB.holdfast ?? Number.NaN) / (storedMiB.restic ?? Number.NaN);
  return [
    atLeast(`${set}: first backup, MiB per CPU second`, 2, 'x restic', 1 / ratio('first', 'cpu')),
    atMost(`${set}: first backup, wall`, 1, 'x restic', ratio('first', 'wall')),
    atMost(`${set}: restore, CPU`, 0.8, 'x restic', ratio('restore', 'cpu')),
    atMost(`${set}: restore, wall`, 0.8, 'x restic', ratio('restore', 'wall')),
    atMost(`${set}: stored size of one copy`, 1.02, 'x restic', stored),
  ];
}

function besideRclone({ set, tools }: SetSummary): Goal[] {
  const { holdfast, rclone } = tools;
  if (set !== 'docs' || holdfast === undefined || rclone === undefined) {
    return [];
  }
  const ratio = value(rclone, 'first', 'cpu') / value(holdfast, 'first', 'cpu');
  return [atLeast(`${set}: first backup, MiB per CPU second`, 1, 'x rclone crypt', ratio)];
}

function requestGoals({ set, tools, oneFileReads, encryptedObjects }: SetSummary): Goal[] {
  const first = tools.holdfast?.first;
  if (first === undefined) {
    return [];
  }
  const perObject = first.kmsCalls / encryptedObjects;
  const { packs } = oneFileReads;
  const goals = [
    exactly(`${set}: KMS calls per encrypted object`, KMS_CALLS_PER_OBJECT, 'calls', perObject),
    ...(packs === undefined
      ? []
      : [atMost(`${set}: GETs of packs for one file`, 2, 'GETs', packs)]),
  ];
  return set === 'small'
    ? [...goals, atMost('small: S3 writes of both copies', 40, 'requests', first.s3Writes)]
    : goals;
}

function value(
  steps: Readonly<Record<string, StepSummary>>,
  step: string,
  of: 'cpu' | 'wall',
): number {
  return steps[step]?.[of] ?? Number.NaN;
}
