import type { VaultClosing } from '../domain/closing-records.ts';
import type { ErasureStatements } from '../domain/erasure-records.ts';
import { HoldfastError } from '../domain/errors.ts';
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

/**
 * What has not happened yet starts no clock: whoever states such a day has mistyped it. A closing
 * may name one that is to come, and what repeats it states nothing of its own.
 *
 * @param today - by the clocks of the vault's policy.
 * @throws HoldfastError `INPUT_INVALID`.
 */
export function requirePastEvent(
  statements: Pick<ErasureStatements, 'event'>,
  closing: VaultClosing | null,
  today: LocalDate,
): void {
  const stated = statedEvent(statements, closing);
  if (stated?.in === 'request' && compareLocalDates(stated.day, today) > 0) {
    throw new HoldfastError('INPUT_INVALID', { problems: 'event must not be in the future' });
  }
}
