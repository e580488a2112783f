import { HoldfastError } from '../domain/errors.ts';
import { type LocalDate, parseLocalDate } from '../domain/local-date.ts';

/** @throws HoldfastError `INPUT_INVALID` unless it is a date; the API has checked it before. */
export function requireDate(text: string): LocalDate {
  const date = parseLocalDate(text);
  if (date === undefined) {
    throw new HoldfastError('INPUT_INVALID', { problems: 'the event must be a date' });
  }
  return date;
}
