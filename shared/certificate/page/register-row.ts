import type { Certificate } from '../../format/certificate.ts';
import type { PageWords } from './page-words.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The line that a register of destroyed archives wants. The columns are those of the destruction
 * register of the Chinese accounting archives rules (会计档案管理办法 Art. 18); the ledger knows
 * backups and not volumes, so a piece is a backup, and the span is that of the backups.
 * @returns one cell for each of `words.register`.
 */
export function registerRow(certificate: Certificate, words: PageWords): string[] {
  const { subject, legal, evidence } = certificate;
  const { snapshots } = subject;
  const destroyedAt = [evidence.primary.at, evidence.secondary.at].toSorted()[1] ?? '';
  const kept = Math.floor((Date.parse(destroyedAt) - Date.parse(subject.openedAt)) / DAY_MS);
  const span = [snapshots.firstAt, snapshots.lastAt].map((at) => at?.slice(0, 10) ?? '—');
  return [
    subject.recordClass,
    subject.clientId,
    String(snapshots.count),
    span.join(' – '),
    subject.vaultId,
    legal.statute === null
      ? words.none
      : words.graded(words.period(legal.statute.period), legal.confirmation?.duties[0]),
    words.days(kept),
    destroyedAt.slice(0, 10),
  ];
}
