import type { CloseClientBody } from '../admin-api/messages.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Client } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { chainChanges } from '../registry/chain-changes.ts';
import { requireClient } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';

/**
 * Closes a client, once each of its vaults was closed: from then on it gets no new vault. What its
 * vaults hold stays watched, verified and locked until it is erased.
 *
 * @throws HoldfastError `CLIENT_UNKNOWN`; `CLIENT_HAS_ACTIVE_VAULT` while one still takes backups.
 */
export async function closeClient(
  services: Pick<Services, 'ledger' | 'clock' | 'request'>,
  actor: string,
  clientId: string,
  { event, custodian }: CloseClientBody,
): Promise<Client> {
  return writeDecision(services, async () => {
    const { record: client, version } = await requireClient(services.ledger, clientId);
    for await (const { record } of services.ledger.list('vault', { clientId })) {
      if (record.state === 'ACTIVE') {
        throw new HoldfastError('CLIENT_HAS_ACTIVE_VAULT', { clientId, vaultId: record.vaultId });
      }
    }
    if (client.closing !== null) {
      return { changes: [], result: client };
    }
    const closedAt = services.clock.now().toISOString();
    const closing = { closedAt, closedBy: actor, event, custodian: custodian ?? null };
    const record: Client = { ...client, closing };
    const details = { event, hasCustodian: closing.custodian !== null };
    const changes = chainChanges(services, record, version, {
      ...{ actor, action: 'client.closed', details },
    });
    return { changes, result: record };
  });
}
