import type { AddClientBody } from '../admin-api/messages.ts';
import { NO_ENTRIES } from '../domain/audit-chain.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Client } from '../domain/records.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { firstClientChanges } from '../tombstone/require-reconciled.ts';
import { chainChanges } from './chain-changes.ts';
import { writeDecision } from './write-decision.ts';

/**
 * Registers whose records will be kept, and begins the client's audit chain. The name goes into the
 * client's record and nowhere else.
 *
 * @throws HoldfastError `CLIENT_EXISTS` when the reference is taken.
 */
export async function registerClient(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'request'>,
  actor: string,
  body: AddClientBody,
): Promise<Client> {
  const client: Client = {
    kind: 'client',
    clientId: services.ids.next(),
    name: body.name,
    reference: body.reference,
    registeredAt: services.clock.now().toISOString(),
    registeredBy: actor,
    closing: null,
    audit: NO_ENTRIES,
  };
  const { reference, clientId } = client;
  const event = { actor, action: 'client.registered', details: {} };
  return writeDecision(services, async () => {
    const taken = await services.ledger.get('client-reference', reference);
    if (taken !== undefined) {
      throw new HoldfastError('CLIENT_EXISTS', { clientId: taken.record.clientId });
    }
    const changes: Change[] = [
      ...chainChanges(services, client, 'absent', event),
      { record: { kind: 'client-reference', reference, clientId }, expect: 'absent' },
      ...(await firstClientChanges(services)),
    ];
    return { changes, result: client };
  });
}
