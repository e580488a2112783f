import { HoldfastError } from '../domain/errors.ts';
import type { ClientHold, Hold, HoldTerms } from '../domain/hold-records.ts';
import type { Services } from '../ports/services.ts';
import { clientChanges } from '../registry/chain-changes.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { requireClientHold, requireVaultHold } from './find-hold.ts';
import { releaseVault } from './release-vault.ts';
import { spreadClientHold } from './spread-client-hold.ts';
import { tellHolder } from './tell-holder.ts';

type ApprovalServices = Pick<
  Services,
  'ledger' | 'clock' | 'pauses' | 'pipeline' | 'telemetry' | 'request'
>;

/**
 * Releases a hold on a vault or a snapshot, as the second person: neither who placed it nor who
 * asked for its release. S3's legal holds are taken off what no other hold covers, and what was due
 * meanwhile goes on by itself.
 *
 * @throws HoldfastError `HOLD_UNKNOWN`, `HOLD_ON_CLIENT`, `RELEASE_NOT_REQUESTED`, `OWN_HOLD`,
 * `VAULT_UNKNOWN`.
 */
export async function approveRelease(
  services: ApprovalServices,
  actor: string,
  address: { vaultId: string; holdId: string },
): Promise<Hold> {
  const { record } = await requireVaultHold(services.ledger, address);
  requireSecondPerson(record, actor);
  const released: Hold = { ...record, ...releaseBy(services, actor) };
  if (!(await releaseVault(services, released))) {
    const { vaultId, holdId } = address;
    throw new HoldfastError('HOLD_UNKNOWN', { owner: `Vault ${vaultId}`, holdId });
  }
  await tellHolder(services, [address.vaultId]);
  return released;
}

/**
 * Releases a hold on a client in all its vaults, as the second person. When it breaks off between
 * two vaults, the hourly pass goes on.
 *
 * @throws HoldfastError `HOLD_UNKNOWN`, `RELEASE_NOT_REQUESTED`, `OWN_HOLD`.
 */
export async function approveClientRelease(
  services: ApprovalServices,
  actor: string,
  address: { clientId: string; holdId: string },
): Promise<ClientHold> {
  const released = await writeDecision(services, async () => {
    const { record, version } = await requireClientHold(services.ledger, address);
    requireSecondPerson(record, actor);
    const hold: ClientHold = { ...record, ...releaseBy(services, actor) };
    const requestedBy = record.releaseRequest?.by ?? null;
    const details = { holdId: hold.holdId, scope: 'client', requestedBy };
    const entry = { actor, action: 'hold.released', details };
    const changes = await clientChanges(services, address.clientId, entry);
    return { changes: [{ record: hold, expect: version }, ...changes], result: hold };
  });
  await tellHolder(services, await spreadClientHold(services, released));
  return released;
}

function requireSecondPerson({ holdId, placedBy, releaseRequest }: HoldTerms, actor: string): void {
  if (releaseRequest === null) {
    throw new HoldfastError('RELEASE_NOT_REQUESTED', { holdId });
  }
  if (actor === placedBy || actor === releaseRequest.by) {
    throw new HoldfastError('OWN_HOLD', { holdId });
  }
}

function releaseBy({ clock }: ApprovalServices, releasedBy: string) {
  return { releasedBy, releasedAt: clock.now().toISOString() };
}
