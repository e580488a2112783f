import type { ClosingPlan, VaultClosingPlan } from '../admin-api/closing-answers.ts';
import { DISPOSITIONS } from '../domain/closing-records.ts';
import { ruleOn } from '../domain/disposition.ts';
import { formatLocalDate, type LocalDate } from '../domain/local-date.ts';
import { type Policy, rulesOf } from '../domain/policy.ts';
import type { Vault } from '../domain/records.ts';
import { clockStartOf, mayStartLater, startMeans } from '../domain/retention-preset.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { requireClient } from '../registry/find-vault.ts';
import { isLongAgo, requirePastDate } from './closing-date.ts';
import { finalUntil } from './final-snapshot.ts';

/**
 * What closing a client would mean on a given day: per vault what the law allows, and whether its
 * last snapshot counts as the final one. Changes nothing.
 *
 * @throws HoldfastError `CLIENT_UNKNOWN`, `POLICY_UNKNOWN`, `EVENT_IN_FUTURE`.
 */
export async function planClosing(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  clientId: string,
  event: string,
): Promise<ClosingPlan> {
  await requireClient(ledger, clientId);
  const now = clock.now();
  const day = requirePastDate(event, now);
  const vaults: VaultClosingPlan[] = [];
  for await (const { record } of ledger.list('vault', { clientId })) {
    vaults.push(planVault(record, await policyOf(ledger, record), day, now));
  }
  return { clientId, event, vaults };
}

function planVault(vault: Vault, policy: Policy, day: LocalDate, now: Date): VaultClosingPlan {
  const { vaultId, recordClass, state, source, policyId, holds, closing } = vault;
  const until = finalUntil(vault);
  const clocks = rulesOf(policy).filter((rule) => clockStartOf(rule) !== 'never');
  return {
    ...{ vaultId, recordClass, state, policyId, holds, closing },
    role: policy.role,
    event: formatLocalDate(day),
    countedFrom: [...new Set(clocks.map(startMeans))],
    mayStartLater: clocks.some(mayStartLater),
    source: source.kind,
    lastSnapshotId: vault.lastSnapshotId,
    lastSnapshotAt: vault.lastSnapshotAt,
    isLongAgo: isLongAgo(day, vault.lastSnapshotAt),
    isFinal: until !== null && until >= now,
    options: DISPOSITIONS.map((disposition) => ruleOn(disposition, policy, day, now)),
  };
}
