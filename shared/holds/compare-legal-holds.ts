import { COPY_NAMES, type CopyName, type PerCopy } from '../domain/copy-name.ts';
import type { Services } from '../ports/services.ts';
import { askLegalHold } from './ask-legal-hold.ts';
import { listObjectHolds, type ObjectHold } from './covered-objects.ts';

/** What S3 has said of the legal hold on one version. */
interface LegalHoldAnswer {
  readonly versionId: string;
  readonly isOn: boolean;
}

/** What S3 has said of the legal holds on objects of one vault, to be compared with the ledger. */
export class LegalHoldAnswers {
  readonly #isHeld: boolean;
  readonly #answers = new Map<string, Partial<PerCopy<LegalHoldAnswer>>>();

  /** @param holds - how many are in force; without any, what is not held is as it should be. */
  constructor({ holds }: { readonly holds: number }) {
    this.#isHeld = holds > 0;
  }

  get isEmpty(): boolean {
    return this.#answers.size === 0;
  }

  add(copy: CopyName, key: string, answer: LegalHoldAnswer): void {
    if (answer.isOn || this.#isHeld) {
      this.#answers.set(key, { ...this.#answers.get(key), [copy]: answer });
    }
  }

  of(copy: CopyName, key: string): LegalHoldAnswer | undefined {
    return this.#answers.get(key)?.[copy];
  }
}

/** In what S3's legal holds and the ledger contradict each other. */
export interface LegalHoldDispute {
  /** Whether S3 holds something that no hold in force covers, and that no pass has switched on. */
  readonly isUnknown: boolean;
  /** Objects of which the ledger says that S3 holds them, and S3 does not. */
  readonly lost: readonly ObjectHold[];
  /** Whether S3 still holds what is to be held no longer: no dispute, but to be lifted. */
  readonly isLeft: boolean;
}

/**
 * Compares what S3 has said with the holds of the ledger, and with what the passes over holds have
 * written down. The ledger is read after S3 was asked: whatever a pass switches on is written down
 * before. What seems to contradict it is asked for once more, because a pass may have been at work
 * in between.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function compareLegalHolds(
  services: Pick<Services, 'ledger' | 'copies'>,
  vaultId: string,
  answers: LegalHoldAnswers,
): Promise<LegalHoldDispute> {
  const lost: ObjectHold[] = [];
  let [isUnknown, isLeft] = [false, false];
  if (answers.isEmpty) {
    return { isUnknown, lost, isLeft };
  }
  const listed = services.ledger.list('hold', { vaultId });
  const holds = await Array.fromAsync(listed, ({ record }) => record);
  for await (const object of listObjectHolds(services, vaultId, holds)) {
    for (const copy of COPY_NAMES) {
      const answer = answers.of(copy, object.key);
      const doubt = answer === undefined ? null : doubtOf(object, copy, answer);
      const isSaid = (doubt === 'unknown' && isUnknown) || (doubt === 'left' && isLeft);
      if (answer === undefined || doubt === null || isSaid) {
        continue;
      }
      if (
        (await askLegalHold(services.copies[copy], object.key, answer.versionId)) === answer.isOn
      ) {
        isUnknown ||= doubt === 'unknown';
        isLeft ||= doubt === 'left';
        lost.push(...(doubt === 'lost' ? [object] : []));
      }
    }
  }
  return { isUnknown, lost, isLeft };
}

function doubtOf(
  { wanted, stored }: ObjectHold,
  copy: CopyName,
  { versionId, isOn }: LegalHoldAnswer,
): 'unknown' | 'left' | 'lost' | null {
  const isRecorded = stored?.record.on[copy] === versionId;
  if (isOn) {
    const unwanted = isRecorded ? 'left' : 'unknown';
    return wanted[copy] === versionId ? null : unwanted;
  }
  return isRecorded && stored?.record.confirmed === true ? 'lost' : null;
}
