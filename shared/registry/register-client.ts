import type { AddClientBody } from '../admin-api/messages.ts';
import { NO_ENTRIES } from '../domain/audit-chain.ts';
import { HoldfastError, isFault } from '../domain/errors.ts';
import type { Client } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { chainChanges } from './chain-changes.ts';

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
  try {
    await services.ledger.write([
      ...chainChanges(services, client, 'absent', {
        ...{ actor, action: 'client.registered', details: {} },
      }),
      { record: { kind: 'client-reference', reference, clientId }, expect: 'absent' },
    ]);
  } catch (error) {
    const taken = isFault(error, 'LEDGER_CONFLICT')
      ? await services.ledger.get('client-reference', reference)
      : undefined;
    if (taken === undefined) {
      throw error;
    }
    throw new HoldfastError('CLIENT_EXISTS', { clientId: taken.record.clientId }, error);
  }
  return client;
}
