import {
  daysBetween,
  formatLocalDate,
  type LocalDate,
  parseLocalDate,
} from '../../domain/local-date.ts';
import { timeBetween } from '../../domain/period.ts';
import { localDateAt } from '../../domain/time-zone.ts';
import type { Certificate } from '../../format/certificate.ts';
import type { PageWords } from './page-words.ts';

/** To be filled in by hand: what only the records themselves show. */
const BLANK = '________';

/**
 * The line that a register of destroyed archives wants. The columns are those of the destruction
 * register of the Chinese accounting archives rules (会计档案管理办法 Art. 18); the ledger knows
 * backups and not volumes, so a piece is a backup, and the name is that of the policy. In which
 * year the records begin it does not know; they end with the day that starts the statutory period.
 * The time kept counts from the first day of that period.
 * @returns one cell for each of `words.register`.
 */
export function registerRow(certificate: Certificate, words: PageWords): string[] {
  const { subject, legal, evidence } = certificate;
  const destroyedAt = [evidence.primary.at, evidence.secondary.at].toSorted()[1] ?? '';
  const destroyedOn = localDateAt(new Date(destroyedAt), subject.policy.timeZone);
  return [
    subject.policy.id,
    subject.clientId,
    String(subject.snapshots.count),
    `${BLANK} – ${legal.clock?.event ?? BLANK}`,
    subject.vaultId,
    legal.statute === null
      ? words.none
      : words.graded(words.period(legal.statute.period), legal.confirmation?.duties[0]),
    timeKept(certificate, destroyedOn, words),
    formatLocalDate(destroyedOn),
  ];
}

function timeKept(
  { legal, subject }: Certificate,
  destroyedOn: LocalDate,
  words: PageWords,
): string {
  const startsOn = parseLocalDate(legal.clock?.startsOn ?? '');
  if (startsOn !== undefined) {
    return words.kept(timeBetween(startsOn, destroyedOn));
  }
  const openedOn = localDateAt(new Date(subject.openedAt), subject.policy.timeZone);
  return words.sinceOpening(daysBetween(openedOn, destroyedOn));
}
