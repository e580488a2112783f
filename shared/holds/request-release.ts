import type { RequestReleaseBody } from '../admin-api/messages.ts';
import type { ClientHold, Hold, ReleaseRequest } from '../domain/hold-records.ts';
import type { Services } from '../ports/services.ts';
import { clientChanges } from '../registry/chain-changes.ts';
import { changeVault } from '../registry/change-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { requireClientHold, requireVaultHold } from './find-hold.ts';

type RequestServices = Pick<Services, 'ledger' | 'clock' | 'request'>;

/**
 * Asks for a hold on a vault or a snapshot to be released. It stays in force until another person
 * approves; a later request takes the place of an earlier one.
 *
 * @throws HoldfastError `HOLD_UNKNOWN`, `VAULT_UNKNOWN`; `HOLD_ON_CLIENT` when the hold is on the
 * vault's client.
 */
export async function requestRelease(
  services: RequestServices,
  actor: string,
  address: { vaultId: string; holdId: string },
  body: RequestReleaseBody,
): Promise<Hold> {
  return changeVault(services, address.vaultId, async (vault) => {
    const { record, version } = await requireVaultHold(services.ledger, address);
    const hold: Hold = { ...record, releaseRequest: requestOf(services, actor, body) };
    return {
      vault,
      actor,
      action: 'hold.release-requested',
      details: { holdId: hold.holdId },
      also: [{ record: hold, expect: version }],
      result: hold,
    };
  });
}

/**
 * Asks for a hold on a client to be released. The client's audit chain says so; the entry that each
 * vault gets with the release names who asked.
 *
 * @throws HoldfastError `HOLD_UNKNOWN`.
 */
export async function requestClientRelease(
  services: RequestServices,
  actor: string,
  address: { clientId: string; holdId: string },
  body: RequestReleaseBody,
): Promise<ClientHold> {
  return writeDecision(services, async () => {
    const { record, version } = await requireClientHold(services.ledger, address);
    const hold: ClientHold = { ...record, releaseRequest: requestOf(services, actor, body) };
    const details = { holdId: hold.holdId };
    const entry = { actor, action: 'hold.release-requested', details };
    const changes = await clientChanges(services, address.clientId, entry);
    return { changes: [{ record: hold, expect: version }, ...changes], result: hold };
  });
}

function requestOf(
  { clock }: RequestServices,
  by: string,
  { reason }: RequestReleaseBody,
): ReleaseRequest {
  return { by, at: clock.now().toISOString(), reason };
}
