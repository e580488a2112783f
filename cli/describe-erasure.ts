import type { ErasureAnswer } from '../shared/admin-api/answers.ts';
import { listCited } from '../shared/domain/cited-law.ts';
import { COPY_NAMES } from '../shared/domain/copy-name.ts';
import { LAW_RULES } from '../shared/domain/law-rules.ts';
import { describeStatements } from '../shared/erasure/describe-statements.ts';
import { facts, instant, lines } from './render.ts';

/**
 * @param holds - ids of those in force, where they are known. @default none
 * @returns an erasure as people read it: what was done, and what comes next.
 */
export function describeErasure(erasure: ErasureAnswer, holds: readonly string[] = []): string {
  return facts(erasureFacts(erasure)) + lines(...whatNext(erasure, holds));
}

function erasureFacts(erasure: ErasureAnswer): [string, string][] {
  const { decision } = erasure;
  const steps: [string, string | null][] = [
    ['requested', `${instant(erasure.requestedAt)} by ${erasure.requestedBy}`],
    ['decision', `${decision.outcome}: ${LAW_RULES[decision.rule]}`],
    ['basis', listCited(decision.basis)],
    ['plan', erasure.plan.hash],
    ...erasure.plan.initiatedBy.map(({ act, by, at }): [string, string] => [
      act,
      `${instant(at)} by ${by}`,
    ]),
    ...erasure.approvals.map(({ by, at }): [string, string] => [
      'approved',
      `${instant(at)} by ${by}`,
    ]),
    ['keys disabled', erasure.suspendedAt && instant(erasure.suspendedAt)],
    [graceName(erasure), erasure.graceUntil && instant(erasure.graceUntil)],
    ['deletion begun', erasure.destroyingAt && instant(erasure.destroyingAt)],
    ...COPY_NAMES.flatMap((copy) => copyFacts(erasure, copy)),
    ...erasure.cancellations.map(({ by, at }): [string, string] => [
      'to be cancelled',
      `${instant(at)} by ${by}`,
    ]),
    ['ended', erasure.endedAt && instant(erasure.endedAt)],
  ];
  return [
    ['erasure', erasure.erasureId],
    ['vault', erasure.vaultId],
    ['state', erasure.state],
    ['reason', erasure.reason],
    ['states', describeStatements(erasure.statements)],
    ...steps.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : [])),
  ];
}

function graceName({ decision }: ErasureAnswer): string {
  return decision.outcome === 'restrict' ? 'restricted until' : 'grace until';
}

function copyFacts(
  erasure: ErasureAnswer,
  copy: (typeof COPY_NAMES)[number],
): [string, string | null][] {
  const evidence = erasure.evidence[copy];
  const probe = erasure.probes[copy];
  const due = erasure.deletionDates?.[copy] ?? null;
  return [
    [`${copy} key due`, due && instant(due)],
    [`${copy} key destroyed`, evidence && describeEvidence(evidence)],
    [
      `${copy} decrypt`,
      probe && `${probe.outcome} ${instant(probe.at)}${probe.answer ? `: ${probe.answer}` : ''}`,
    ],
  ];
}

function describeEvidence(evidence: NonNullable<ErasureAnswer['evidence']['primary']>): string {
  const { region } = evidence;
  switch (evidence.kind) {
    case 'event':
      return `${instant(evidence.eventTime)} in ${region}, event ${evidence.eventId}`;
    case 'absence':
      return (
        `by absence: ${dueText(evidence.dueAt)} in ${region}, no event came, and KMS did not ` +
        `know it ${instant(evidence.observedAt)}`
      );
    case 'entry-deleted':
      return `entry deleted, and absent ${instant(evidence.observedAt)} in ${region}`;
  }
}

function dueText(dueAt: string | null): string {
  return dueAt === null ? 'never scheduled' : `due ${instant(dueAt)}`;
}

function whatNext(erasure: ErasureAnswer, holds: readonly string[]): string[] {
  const { state, vaultId, erasureId, decision, approvals, cancellations } = erasure;
  const which = `--vault ${vaultId} --erasure ${erasureId}`;
  const cancel = `holdfast erase cancel ${which}`;
  // Whoever requested it, and everybody who approved it.
  const people = approvals.length + 1;
  switch (state) {
    case 'REQUESTED':
      return [
        ...(holds.length === 0 ? [] : [`It cannot be approved while ${held(holds)}.`]),
        `Another person looks at it with "holdfast erase plan --vault ${vaultId}" ` +
          `and approves: holdfast erase approve ${which} --plan HASH`,
      ];
    case 'APPROVED':
    case 'SUSPENDED':
    case 'SCHEDULED':
      return [
        holds.length > 0
          ? `It is suspended while ${held(holds)}, and goes on after its release.`
          : goesOn(decision),
        cancellations.length > 0
          ? `To be cancelled: ${cancellations.length} of ${people} people; another must give ` +
            `the same command: ${cancel}`
          : `To stop it, by ${people} people: ${cancel}`,
      ];
    case 'DESTROYING':
      return ['The keys are being deleted. Nothing stops it any more.'];
    case 'DESTROYED':
      return ['The keys are destroyed; a decrypt is still to be tried in both Regions.'];
    case 'ERASED':
      return [
        'The keys are destroyed in both Regions and nothing can be decrypted any more.',
        ciphertext(erasure),
        nextCertificate(erasure),
      ];
    case 'CANCELLING':
      return ['The keys are about to be enabled again.'];
    case 'CANCELLED':
      return ['The vault is not erased; its keys work.'];
  }
}

function goesOn({ outcome }: ErasureAnswer['decision']): string {
  return outcome === 'restrict'
    ? 'It is restricted and goes on by itself.'
    : 'It goes on by itself.';
}

function held(holds: readonly string[]): string {
  const ids = holds.join(', ');
  return holds.length === 1 ? `hold ${ids} is in force` : `holds ${ids} are in force`;
}

function ciphertext({ inventory, ciphertextRemovedAt }: ErasureAnswer): string {
  if (ciphertextRemovedAt !== null) {
    const at = instant(ciphertextRemovedAt);
    return `Its ciphertext was removed from both copies, the last of it ${at}.`;
  }
  const until = inventory?.ciphertextUntil ?? null;
  return until === null
    ? 'Its ciphertext, if any, is removed by itself.'
    : `Its ciphertext is removed by itself when its locks have ended: ${instant(until)}.`;
}

function nextCertificate({ vaultId, certificateId, removalCertificateId }: ErasureAnswer): string {
  const newest = removalCertificateId ?? certificateId;
  return newest === null
    ? `Its certificate is to be issued: holdfast certificate list --vault ${vaultId}`
    : `Next: holdfast certificate show ${newest} --vault ${vaultId}`;
}
