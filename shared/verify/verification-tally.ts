import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import type {
  Verification,
  VerificationFinding,
  VerifiedCounts,
} from '../domain/verification-records.ts';

/** Findings that are listed; the ledger's records have a size limit. More are counted. */
const MOST_LISTED = 100;

/** Part of a verification's record that a tally keeps. */
export type TallyResult = Pick<
  Verification,
  'copies' | 'findings' | 'findingCount' | 'failure' | 'position'
>;

/** Counts what a verification has looked at and found, over all its invocations. */
export class VerificationTally {
  readonly #copies: PerCopy<{ -readonly [Name in keyof VerifiedCounts]: number }>;
  readonly #findings: VerificationFinding[];
  readonly #found: Set<string>;
  #findingCount: number;
  #unanswered: string | null;
  position: Verification['position'];

  constructor({ copies, findings, findingCount, failure, position }: TallyResult) {
    this.#copies = { primary: { ...copies.primary }, secondary: { ...copies.secondary } };
    this.#findings = [...findings];
    this.#found = new Set(findings.map(({ copy, object }) => `${copy} ${object}`));
    this.#findingCount = findingCount;
    this.#unanswered = failure;
    this.position = position;
  }

  /** Something of a copy is as it should be, or is known not to be there yet. */
  count(copy: CopyName, more: Partial<VerifiedCounts>): void {
    for (const [name, number] of Object.entries(more)) {
      this.#copies[copy][name as keyof VerifiedCounts] += number;
    }
  }

  /** Takes note of a finding; further ones about the same object and copy are the same. */
  find(copy: CopyName, object: string, problem: string): void {
    const key = `${copy} ${object}`;
    if (this.#found.has(key)) {
      return;
    }
    this.#found.add(key);
    this.#findingCount += 1;
    if (this.#findings.length < MOST_LISTED) {
      this.#findings.push({ copy, object, problem });
    }
  }

  isFound(copy: CopyName, object: string): boolean {
    return this.#found.has(`${copy} ${object}`);
  }

  /** A copy or its keys could not be asked: the verification is not complete. */
  leaveOut(code: string): void {
    this.#unanswered ??= code;
  }

  /** Damage says more than silence, so it is what the verification ends with. */
  result(): TallyResult {
    return {
      copies: this.#copies,
      findings: this.#findings,
      findingCount: this.#findingCount,
      failure: this.#findingCount > 0 ? 'OBJECT_DAMAGED' : this.#unanswered,
      position: this.position,
    };
  }
}
