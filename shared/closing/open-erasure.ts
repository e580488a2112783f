import type { RequestErasureBody } from '../admin-api/messages.ts';
import { listCited } from '../domain/cited-law.ts';
import { isFault } from '../domain/errors.ts';
import type { Vault } from '../domain/records.ts';
import { requestErasure } from '../erasure/request-erasure.ts';
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
 * @throws HoldfastError `VAULT_UNKNOWN`; what `requestErasure` throws otherwise.
 */
export async function openErasure(
  services: OpeningServices,
  actor: string,
  vaultId: string,
): Promise<boolean> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  try {
    await requestErasure(services, actor, vaultId, requestFor(vault));
    return true;
  } catch (error) {
    if (!isFault(error, ...NOT_TODAY)) {
      throw error;
    }
    services.telemetry.event('erasure.not-today', { vaultId, code: error.code });
    return false;
  }
}

function requestFor(vault: Vault): RequestErasureBody {
  return {
    reason: reasonOf(vault),
    ...(vault.closing === null ? {} : { event: vault.closing.event }),
    contractEnded: true,
    returned: vault.state === 'HANDED_OVER',
    concerns: 'vault',
  };
}

function reasonOf({ closing }: Vault): string {
  const rule = listCited(closing?.basis ?? []);
  const day = closing?.keepUntil?.slice(0, 'YYYY-MM-DD'.length) ?? '';
  switch (closing?.disposition) {
    case 'retain':
      return `The period to keep it ended on ${day} (${rule}): 个人信息保护法 47(1).`;
    case 'hand-over':
      return `It was handed over on ${day}: ${rule}.`;
    default:
      return `The work for the client ended on ${closing?.event ?? day}: ${rule}.`;
  }
}
