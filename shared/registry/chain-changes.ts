import {
  type AuditEvent,
  type ChainOwner,
  NO_ENTRIES,
  withAuditEntry,
} from '../domain/audit-chain.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { requireClient } from './find-vault.ts';

/** What happened; when, and for which request, the services know. */
export type ChainEvent = Omit<AuditEvent, 'at' | 'requestId'>;

type ChainServices = Pick<Services, 'ledger' | 'clock' | 'request'>;

/**
 * @param owner - as it is to be from now on; only its chain is added to.
 * @param expect - the version of it that was read; `absent` when it is new.
 * @returns the two changes that add an entry to its chain: write them with what they tell of.
 */
export function chainChanges(
  { clock, request }: Pick<Services, 'clock' | 'request'>,
  owner: ChainOwner,
  expect: number | 'absent',
  event: ChainEvent,
): Change[] {
  const requestId = request?.id ?? null;
  const next = withAuditEntry(owner, { ...event, at: clock.now(), requestId });
  return [
    { record: next.owner, expect },
    { record: next.entry, expect: 'absent' },
  ];
}

/**
 * Reads the end of the installation's chain: call it within what `writeDecision` decides, so that
 * it is read anew when another entry came first.
 *
 * @returns the changes that add an entry to it.
 */
export async function installationChanges(
  services: ChainServices,
  event: ChainEvent,
): Promise<Change[]> {
  const stored = await services.ledger.get('installation');
  const owner = stored?.record ?? ({ kind: 'installation', audit: NO_ENTRIES } as const);
  return chainChanges(services, owner, stored?.version ?? 'absent', event);
}

/**
 * The same for a client whose record stays as it is.
 * @throws HoldfastError `CLIENT_UNKNOWN`.
 */
export async function clientChanges(
  services: ChainServices,
  clientId: string,
  event: ChainEvent,
): Promise<Change[]> {
  const { record, version } = await requireClient(services.ledger, clientId);
  return chainChanges(services, record, version, event);
}
