import type { RequestErasureBody } from '../admin-api/messages.ts';
import { listCited } from '../domain/cited-law.ts';
import { isFault } from '../domain/errors.ts';
import { formatLocalDate } from '../domain/local-date.ts';
import type { Vault } from '../domain/records.ts';
import { dayAt } from '../domain/time-zone.ts';
import { requestErasure } from '../erasure/request-erasure.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';

type OpeningServices = Pick<Services, 'ledger' | 'clock' | 'ids' | 'telemetry'>;

/** What another day may change: the hold is released, the request is decided on. */
const NOT_TODAY = ['VAULT_HELD', 'ERASURE_UNDER_WAY', 'VAULT_MOVING'] as const;

/**
 * Asks for the erasure of a closed vault whose time has come. Nothing is erased until a person
 * approves it. While the vault is held, or a request is open already, nothing is asked for: the
 * daily pass asks again.
 *
 * @returns whether it was asked for now.
 * @throws HoldfastError `VAULT_UNKNOWN`, `POLICY_UNKNOWN`; what `requestErasure` throws otherwise.
 */
export async function openErasure(
  services: OpeningServices,
  actor: string,
  vaultId: string,
): Promise<boolean> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const { timeZone } = await policyOf(services.ledger, vault);
  try {
    await requestErasure(services, actor, vaultId, requestFor(vault, timeZone));
    return true;
  } catch (error) {
    if (!isFault(error, ...NOT_TODAY)) {
      throw error;
    }
    services.telemetry.event('erasure.not-today', { vaultId, code: error.code });
    return false;
  }
}

function requestFor(vault: Vault, timeZone: string): RequestErasureBody {
  return {
    reason: reasonOf(vault, timeZone),
    ...(vault.closing === null ? {} : { event: vault.closing.event }),
    contractEnded: true,
    returned: vault.state === 'HANDED_OVER',
    concerns: 'vault',
  };
}

/** Days as the clocks of the policy have them, as the law counts days by them. */
function reasonOf({ closing }: Vault, timeZone: string): string {
  if (closing === null) {
    return 'The work for the client ended.';
  }
  const { disposition, event, keepUntil } = closing;
  const rule = listCited(closing.basis);
  const end = keepUntil === null ? null : Date.parse(keepUntil);
  const dayOf = (instant: number) => formatLocalDate(dayAt(new Date(instant), timeZone));
  if (disposition === 'retain' && end !== null) {
    // It ends with the midnight after the last day.
    return `The period to keep it ended on ${dayOf(end - 1)} (${rule}): 个人信息保护法 47(1).`;
  }
  return disposition === 'hand-over' && end !== null
    ? `It was handed over on ${dayOf(end)}: ${rule}.`
    : `The work for the client ended on ${event}: ${rule}.`;
}
