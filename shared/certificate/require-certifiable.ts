import { COPY_NAMES, type CopyName, type PerCopy } from '../domain/copy-name.ts';
import type {
  DestructionEvidence,
  Erasure,
  Inventory,
  ProbeResult,
} from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
import { GONE_ANSWER, tierOfKey } from '../domain/key-tier.ts';
import { openMove } from '../domain/move-records.ts';
import { isSecondPerson } from '../domain/second-person.ts';
import type { CertificateFacts } from './certificate-facts.ts';

/** Facts that bear a certificate: nothing that it states is missing. */
export interface CertifiableFacts extends CertificateFacts {
  readonly erasure: Erasure & {
    readonly suspendedAt: string;
    readonly graceUntil: string;
    readonly deletionDates: PerCopy<string>;
    readonly endedAt: string;
    readonly inventory: Inventory;
    readonly evidence: PerCopy<DestructionEvidence>;
    readonly probes: PerCopy<ProbeResult & { outcome: 'refused'; answer: string }>;
  };
}

/**
 * The judgement before every signature: an erasure that did not complete, or was not verified in
 * both Regions, is not certified, whatever its state says.
 *
 * @throws HoldfastError `NOT_CERTIFIABLE` that names everything that is missing.
 */
export function requireCertifiable(facts: CertificateFacts): CertifiableFacts {
  const missing = [
    ...stateProblems(facts),
    ...approvalProblems(facts.erasure),
    ...COPY_NAMES.flatMap((copy) => [
      ...evidenceProblems(facts, copy),
      ...probeProblems(facts, copy),
      ...otherKeyProblems(facts, copy),
    ]),
    ...removalProblems(facts),
  ];
  if (missing.length > 0) {
    const { vaultId } = facts.vault;
    throw new HoldfastError('NOT_CERTIFIABLE', { vaultId, missing: missing.join('; ') });
  }
  return facts as CertifiableFacts;
}

/**
 * Of a vault that is erased, a tombstone is written whatever is missing for its certificate.
 * @returns since when it is.
 * @throws HoldfastError `NOT_CERTIFIABLE` when it is not.
 */
export function requireErased({ vault, erasure }: CertificateFacts): string {
  const { vaultId, state } = vault;
  const isErased = state === 'ERASED' && erasure.state === 'ERASED';
  if (!isErased || erasure.erasureId !== vault.erasureId || erasure.endedAt === null) {
    const missing = `the vault is ${state}, the erasure is ${erasure.state}`;
    throw new HoldfastError('NOT_CERTIFIABLE', { vaultId, missing });
  }
  return erasure.endedAt;
}

function stateProblems({ vault, erasure, chainBrokenAt }: CertificateFacts): string[] {
  const belongs = erasure.vaultId === vault.vaultId && erasure.erasureId === vault.erasureId;
  const { suspendedAt, graceUntil, deletionDates, endedAt, inventory } = erasure;
  return problems([
    [!belongs, 'the erasure is not that of the vault'],
    [vault.state !== 'ERASED', `the vault is ${vault.state}`],
    [erasure.state !== 'ERASED', `the erasure is ${erasure.state}`],
    [suspendedAt === null || graceUntil === null, 'the keys were never disabled'],
    [endedAt === null, 'the erasure has no end'],
    [inventory === null, 'what the keys had opened was not listed'],
    [openMove(vault) !== undefined, 'the keys that the vault had before are not gone'],
    [chainBrokenAt !== undefined, `the audit chain is broken at entry ${chainBrokenAt}`],
    ...COPY_NAMES.map(
      (copy): Check => [
        erasure.plan.keys[copy] !== vault.keys[copy],
        `the approved plan names another ${copy} key`,
      ],
    ),
    ...COPY_NAMES.map(
      (copy): Check => [
        (deletionDates?.[copy] ?? null) === null,
        `no deletion of the ${copy} key was scheduled`,
      ],
    ),
  ]);
}

function approvalProblems({ approvals, requestedBy, plan }: Erasure): string[] {
  const broughtAbout = { requestedBy, initiatedBy: plan.initiatedBy };
  const people = new Set(approvals.map(({ by }) => by));
  return problems([
    [approvals.length === 0 || people.size < plan.approvals, 'an approval is missing'],
    [people.has(requestedBy), 'who requested it approved it'],
    [
      approvals.some(({ by }) => !isSecondPerson(by, broughtAbout)),
      'who alone brought it about approved it',
    ],
    [approvals.some(({ planHash }) => planHash !== plan.hash), 'another plan was approved'],
  ]);
}

function evidenceProblems({ vault, erasure }: CertificateFacts, copy: CopyName): string[] {
  const evidence = erasure.evidence[copy];
  if (evidence === null) {
    return [`nothing shows that the ${copy} key is destroyed`];
  }
  const keyRegion = vault.keys[copy].split(':')[3];
  const due = erasure.deletionDates?.[copy] ?? null;
  return problems([
    [evidence.region !== keyRegion, `the evidence of the ${copy} key is of another Region`],
    [
      erasure.approvedAt === null || destroyedAt(evidence) < erasure.approvedAt,
      `the ${copy} key was destroyed before the approval`,
    ],
    [
      evidence.kind !== 'event' && (due === null || evidence.observedAt < due),
      `the ${copy} key was looked for before it was due`,
    ],
    [
      evidence.kind === 'event' && due !== null && isBefore(evidence.eventTime, due),
      `the ${copy} key was destroyed before the date of its deletion`,
    ],
    [
      (evidence.kind === 'entry-deleted') !== (tierOfKey(vault.keys[copy]) === 'shared-root'),
      `the evidence of the ${copy} key is of another tier`,
    ],
  ]);
}

function probeProblems({ vault, erasure }: CertificateFacts, copy: CopyName): string[] {
  const { evidence, probes } = erasure;
  const probe = probes[copy];
  if (probe === null) {
    return [`no decrypt was tried in the ${copy} Region`];
  }
  const seen = evidence[copy];
  return problems([
    [probe.outcome !== 'refused', `a decrypt succeeded in the ${copy} Region`],
    [
      probe.answer !== GONE_ANSWER[tierOfKey(vault.keys[copy])],
      `the ${copy} key is not gone: ${probe.answer}`,
    ],
    [
      seen !== null && Date.parse(probe.at) < Date.parse(destroyedAt(seen)),
      `the decrypt in the ${copy} Region was tried before the key was destroyed`,
    ],
  ]);
}

/** The ledger may be older than a move; what lies in the copies names the keys that open it. */
function otherKeyProblems({ otherKeys }: CertificateFacts, copy: CopyName): string[] {
  const names = otherKeys[copy];
  return problems([
    [names.length > 0, `the ${copy} copy has objects under keys not gone: ${names.join(', ')}`],
  ]);
}

function removalProblems({ statement, erasure, leftovers }: CertificateFacts): string[] {
  if (statement === 'keys-destroyed') {
    return problems([[erasure.certificateId !== null, 'it is certified already']]);
  }
  return problems([
    [erasure.certificateId === null, 'the first certificate is missing'],
    [erasure.removalCertificateId !== null, 'the removal is certified already'],
    [erasure.ciphertextRemovedAt === null, 'the ciphertext is not removed'],
    ...COPY_NAMES.map(
      (copy): Check => [
        leftovers[copy] > 0,
        `${leftovers[copy]} objects are left in the ${copy} copy`,
      ],
    ),
  ]);
}

/** @returns when a key was destroyed, or was first found to be gone. */
export function destroyedAt(evidence: DestructionEvidence): string {
  return evidence.kind === 'event' ? evidence.eventTime : evidence.observedAt;
}

/** CloudTrail tells whole seconds. */
function isBefore(eventTime: string, date: string): boolean {
  return Math.floor(Date.parse(eventTime) / 1000) < Math.floor(Date.parse(date) / 1000);
}

type Check = readonly [isMissing: boolean, says: string];

function problems(checks: readonly Check[]): string[] {
  return checks.flatMap(([isMissing, says]) => (isMissing ? [says] : []));
}
