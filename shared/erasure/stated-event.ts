import type { VaultClosing } from '../domain/closing-records.ts';
import type { ErasureStatements } from '../domain/erasure-records.ts';
import { compareLocalDates, type LocalDate, parseLocalDate } from '../domain/local-date.ts';

/** A day that starts the statutory clock, and where somebody said so. */
export interface StatedEvent {
  readonly day: LocalDate;
  readonly in: 'closing' | 'request';
}

/**
 * @returns the later of the days that the closing and the request to erase name, as a later end
 * wins; of two that are the same, the closing's. `null` when neither names one.
 */
export function statedEvent(
  { event }: Pick<ErasureStatements, 'event'>,
  closing: VaultClosing | null,
): StatedEvent | null {
  const [closed, asked] = [closing?.event, event].map((text) => parseLocalDate(text ?? ''));
  if (asked !== undefined && (closed === undefined || compareLocalDates(asked, closed) > 0)) {
    return { day: asked, in: 'request' };
  }
  return closed === undefined ? null : { day: closed, in: 'closing' };
}
