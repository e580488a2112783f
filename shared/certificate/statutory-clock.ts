import { firstDayCounted } from '../domain/calendar.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { formatLocalDate } from '../domain/local-date.ts';
import { type Policy, rulesOf } from '../domain/policy.ts';
import type { Vault } from '../domain/records.ts';
import { retentionOf } from '../domain/retention.ts';
import { clockStartOf, isDuty } from '../domain/retention-preset.ts';
import { statedEvent } from '../erasure/stated-event.ts';
import type { Certificate } from '../format/certificate.ts';
import { pseudonymOf } from './pseudonym.ts';

/**
 * From when to when the law asked to keep the records of a vault, by the rule that ends last.
 * @returns `null` when no law asks for a time, the time never ends, or nobody stated the day that
 * starts it.
 */
export function statutoryClock(
  policy: Policy,
  { closing }: Pick<Vault, 'closing'>,
  { statements, requestedBy }: Pick<Erasure, 'statements' | 'requestedBy'>,
): Certificate['legal']['clock'] {
  const stated = statedEvent(statements, closing);
  const rules = rulesOf(policy).filter(isDuty);
  if (stated === null || rules.length === 0) {
    return null;
  }
  const { day } = stated;
  const { eraseDue, because } = retentionOf({ ...policy, rules: rules.map(({ id }) => id) }, day);
  const start = because[0] ? clockStartOf(because[0].preset) : 'never';
  if (start === 'never' || eraseDue === null) {
    return null;
  }
  return {
    event: formatLocalDate(day),
    statedBy: pseudonymOf(stated.in === 'closing' && closing ? closing.closedBy : requestedBy),
    startsOn: formatLocalDate(firstDayCounted(start, day, policy.fiscalYearEnd)),
    endsAt: eraseDue.toISOString(),
  };
}
