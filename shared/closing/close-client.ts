import type { CloseClientBody } from '../admin-api/messages.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Client } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { chainChanges } from '../registry/chain-changes.ts';
import { requireClient } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { requirePastDate } from './closing-date.ts';

/**
 * Closes a client, once each of its vaults was closed: from then on it gets no new vault. What its
 * vaults hold stays watched, verified and locked until it is erased.
 *
 * @throws HoldfastError `CLIENT_UNKNOWN`, `EVENT_IN_FUTURE`; `CLIENT_HAS_OPEN_VAULT` while one was
 * not closed, and neither erased: one that is restricted may take backups again; `CLOSED_OTHERWISE`
 * when it was closed with another day.
 */
export async function closeClient(
  services: Pick<Services, 'ledger' | 'clock' | 'request'>,
  actor: string,
  clientId: string,
  { event, custodian, custodianBasis }: CloseClientBody,
): Promise<Client> {
  return writeDecision(services, async () => {
    const { record: client, version } = await requireClient(services.ledger, clientId);
    for await (const { record } of services.ledger.list('vault', { clientId })) {
      const { vaultId, state, closing } = record;
      if (closing === null && state !== 'ERASED') {
        throw new HoldfastError('CLIENT_HAS_OPEN_VAULT', { clientId, vaultId, state });
      }
    }
    if (client.closing !== null) {
      requireSameDay(client, event);
      return { changes: [], result: client };
    }
    const now = services.clock.now();
    requirePastDate(event, now);
    const closedAt = now.toISOString();
    const closing = {
      ...{ closedAt, closedBy: actor, event },
      custodian: custodian ?? null,
      custodianBasis: custodianBasis ?? null,
    };
    const record: Client = { ...client, closing };
    const details = { event, hasCustodian: closing.custodian !== null };
    const changes = chainChanges(services, record, version, {
      ...{ actor, action: 'client.closed', details },
    });
    return { changes, result: record };
  });
}

function requireSameDay({ clientId, closing }: Client, event: string): void {
  if (closing !== null && closing.event !== event) {
    const what = `Client ${clientId}`;
    throw new HoldfastError('CLOSED_OTHERWISE', { what, event: closing.event });
  }
}
