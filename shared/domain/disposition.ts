import { type CitedLaw, citeArticle, citeRules } from './cited-law.ts';
import type { Disposition } from './closing-records.ts';
import type { LawDecision } from './erasure-records.ts';
import { LAW_RULES } from './law-rules.ts';
import { decideByLaw } from './law-table.ts';
import type { LocalDate } from './local-date.ts';
import { lastsAnyTime, PERMANENT } from './period.ts';
import { type Policy, rulesOf } from './policy.ts';
import { retentionOf } from './retention.ts';
import { isDuty, type RetentionPreset, termOf } from './retention-preset.ts';

/** Whether a closed vault may be dealt with in one way, and which rules say so. */
export interface DispositionRuling {
  readonly disposition: Disposition;
  readonly allowed: boolean;
  /** Laws it rests on, the deciding one first. */
  readonly basis: readonly CitedLaw[];
  /** The rule in one sentence. */
  readonly says: string;
  /** From then on the vault is to be erased; `null` when it is kept for ever. */
  readonly keepUntil: string | null;
  /** What the law leaves open, or asks for besides. */
  readonly warnings: readonly string[];
}

/** What the law table's answer leaves to choose from, once the work for a client has ended. */
const ALLOWED: Readonly<Record<LawDecision['outcome'], readonly Disposition[]>> = {
  // The client's own papers: return them first, then delete (个人信息保护法 21(2)).
  'return-first': ['hand-over'],
  // While a statutory period runs: store, and nothing else (个人信息保护法 47(2)).
  restrict: ['retain'],
  // Nothing asks to keep it: 个人信息保护法 47(1), 21(2).
  erase: ['erase', 'hand-over'],
  keep: ['retain'],
  refuse: [],
};

/** What is permanent may not be kept electronically alone. */
const PERMANENT_WARNING =
  'It is kept for ever, until somebody takes custody of it: 会计档案管理办法 8 does not allow ' +
  'electronic-only keeping of what is permanent.';

/** Beyond what the law asks for: no duty, and so nothing that a request to erase must wait for. */
const OWN_PERIOD =
  'No law asks us to keep it. Our own policy does, as a defence against claims and no duty, ' +
  'until its period ends or somebody asks for the erasure.';

/**
 * Rules whether a vault may be closed in one way, by the table that decides on erasures
 * (`decideByLaw`): a processor returns or deletes, a controller whose period runs retains, and what
 * no period asks for is not retained. A controller may also retain what no law asks for, or no law
 * any more, until the end of a period of its own (`OWN_PERIOD`).
 *
 * @param event - the day of what ended the work for the client; every clock starts with it or with
 * a record that is no younger.
 */
export function ruleOn(
  disposition: Disposition,
  policy: Policy,
  event: LocalDate,
  now: Date,
): DispositionRuling {
  const { outcome, rule, basis, until } = decideByLaw({
    // A hold keeps from erasing, not from closing.
    holds: 0,
    now,
    policy,
    event,
    contractEnded: true,
    returnAsked: false,
    returned: false,
    concerns: 'vault',
  });
  const isRetained = disposition === 'retain';
  const ownEnd = isRetained && outcome === 'erase' ? ownPeriodEnd(policy, event) : null;
  if (ownEnd !== null && ownEnd > now) {
    return {
      ...{ disposition, allowed: true, says: OWN_PERIOD, warnings: [] },
      basis: [citeArticle('SHORTEST_TIME'), ...citeRules(ownRulesOf(policy))],
      keepUntil: ownEnd.toISOString(),
    };
  }
  const allowed = ALLOWED[outcome].includes(disposition);
  return {
    disposition,
    allowed,
    basis,
    says: LAW_RULES[rule],
    keepUntil: isRetained ? until : now.toISOString(),
    warnings: allowed && isRetained && until === null ? [PERMANENT_WARNING] : [],
  };
}

/** Periods that no law sets. One without an end defends against nothing, and keeps nothing. */
function ownRulesOf(policy: Policy): RetentionPreset[] {
  return rulesOf(policy).filter((rule) => {
    const term = termOf(rule);
    return !isDuty(rule) && term !== PERMANENT && lastsAnyTime(term);
  });
}

/** @returns when a controller's own periods are over; `null` when it has none. */
function ownPeriodEnd(policy: Policy, event: LocalDate): Date | null {
  const rules = ownRulesOf(policy);
  return policy.role === 'controller' && rules.length > 0
    ? retentionOf({ ...policy, rules }, event).eraseDue
    : null;
}
