import {
  type Answers,
  type PolicyAnswer,
  presentVersion,
  type RetentionAnswer,
} from '../admin-api/answers.ts';
import { HoldfastError } from '../domain/errors.ts';
import { formatLocalDate, type LocalDate, parseLocalDate } from '../domain/local-date.ts';
import { isReviewOverdue, type Policy, rulesOf } from '../domain/policy.ts';
import { retentionOf } from '../domain/retention.ts';
import { explainPreset, findPreset, type LegalRule } from '../domain/retention-preset.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { listPolicies } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';

/** @returns every version of every policy, by id and number. */
export async function showPolicies({
  ledger,
  clock,
}: Pick<Services, 'ledger' | 'clock'>): Promise<Answers['listPolicies']> {
  const all = await listPolicies(ledger);
  const policies = all.map(({ policy, record }) => ({
    ...policy,
    added: record && presentVersion(record),
    reviewOverdue: isReviewOverdue(policy, clock.now()),
  }));
  return { policies: policies.toSorted(byIdAndVersion) };
}

function byIdAndVersion(left: Policy, right: Policy): number {
  return compareUtf8(left.id, right.id) || left.version - right.version;
}

/**
 * @param question.version - default: the newest.
 * @param question.event - a date such as `2025-03-10` to count the policy's periods from.
 * @returns a policy with its legal rules and, when asked for an event, until when they keep.
 * @throws HoldfastError `POLICY_UNKNOWN`; `INPUT_INVALID` when `event` is no date.
 */
export async function showPolicy(
  { clock, ledger, installation }: Pick<Services, 'clock' | 'ledger' | 'installation'>,
  policyId: string,
  { version, event }: { version?: number | undefined; event?: string | undefined },
): Promise<PolicyAnswer> {
  const versions = (await listPolicies(ledger)).filter(({ policy }) => policy.id === policyId);
  const found = versions.findLast(({ policy }) => policy.version === (version ?? policy.version));
  if (found === undefined) {
    throw new HoldfastError('POLICY_UNKNOWN', {});
  }
  const { policy, record } = found;
  return {
    policy,
    added: record && presentVersion(record),
    installation,
    reviewOverdue: isReviewOverdue(policy, clock.now()),
    rules: explainRules(policy),
    retention: event === undefined ? null : presentRetention(policy, requireDate(event)),
  };
}

/**
 * @returns a preset in words.
 * @throws HoldfastError `PRESET_UNKNOWN`.
 */
export function showPreset(presetId: string): LegalRule {
  const preset = findPreset(presetId);
  if (preset === undefined) {
    throw new HoldfastError('PRESET_UNKNOWN', {});
  }
  return explainPreset(preset);
}

/** @returns the legal rules of a policy in words; none when this version does not know it. */
export function explainRules(policy: Policy | undefined): LegalRule[] {
  return policy === undefined ? [] : rulesOf(policy).map(explainPreset);
}

function presentRetention(policy: Policy, event: LocalDate): RetentionAnswer {
  const { lastDayKept, eraseDue, because } = retentionOf(policy, event);
  return {
    event: formatLocalDate(event),
    lastDayKept: formatted(lastDayKept),
    eraseDue: eraseDue?.toISOString() ?? null,
    because: because.map(({ preset, lastDayKept: end, decides }) => ({
      presetId: preset.id,
      lastDayKept: formatted(end),
      decides,
    })),
  };
}

function formatted(date: LocalDate | null): string | null {
  return date === null ? null : formatLocalDate(date);
}

function requireDate(text: string): LocalDate {
  const date = parseLocalDate(text);
  if (date === undefined) {
    throw new HoldfastError('INPUT_INVALID', { problems: 'what should be a date is none' });
  }
  return date;
}
