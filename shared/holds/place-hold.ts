import type { PlaceClientHoldBody, PlaceHoldBody } from '../admin-api/messages.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { ClientHold, Hold, HoldTerms } from '../domain/hold-records.ts';
import type { Services } from '../ports/services.ts';
import { clientChanges } from '../registry/chain-changes.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { holdVault } from './hold-vault.ts';
import { spreadClientHold } from './spread-client-hold.ts';
import { tellHolder } from './tell-holder.ts';

type HoldServices = Pick<
  Services,
  'ledger' | 'clock' | 'ids' | 'pauses' | 'pipeline' | 'telemetry' | 'request'
>;

/**
 * Puts a vault, or one snapshot of it, under a legal hold. A hold beats every expiry and every
 * erasure: of one that is under way nothing is destroyed any more, a deletion that is scheduled is
 * called off at once, and it goes on by itself when the last hold is released. S3's own legal hold
 * follows within minutes.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `SNAPSHOT_UNKNOWN`, `SNAPSHOT_EXPIRED`;
 * `VAULT_UNREADABLE` for an erased vault; `DESTRUCTION_BEGUN` when its keys are just being deleted.
 */
export async function placeHold(
  services: HoldServices,
  actor: string,
  vaultId: string,
  { snapshotId, ...body }: PlaceHoldBody,
): Promise<Hold> {
  const hold: Hold = {
    kind: 'hold',
    vaultId,
    scope: snapshotId === undefined ? { kind: 'vault' } : { kind: 'snapshot', snapshotId },
    ...termsOf(services, actor, body),
    appliedAt: null,
    liftedAt: null,
  };
  const placed = await holdVault(services, hold);
  if (!placed) {
    throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state: 'ERASED' });
  }
  await tellHolder(services, [vaultId]);
  return hold;
}

/**
 * Puts a client under a legal hold: every vault it has, and every one registered later. Left out
 * are erased vaults, and those whose keys are just being deleted: their audit chains say so. When
 * it breaks off between two vaults, the hourly pass goes on.
 *
 * @throws HoldfastError `CLIENT_UNKNOWN`.
 */
export async function placeClientHold(
  services: HoldServices,
  actor: string,
  clientId: string,
  body: PlaceClientHoldBody,
): Promise<ClientHold> {
  const hold: ClientHold = {
    kind: 'client-hold',
    clientId,
    ...termsOf(services, actor, body),
    settledAt: null,
  };
  await writeDecision(services, async () => {
    const details = { holdId: hold.holdId, scope: 'client' };
    const entry = { actor, action: 'hold.placed', details };
    const changes = await clientChanges(services, clientId, entry);
    return { changes: [{ record: hold, expect: 'absent' }, ...changes], result: null };
  });
  await tellHolder(services, await spreadClientHold(services, hold));
  return hold;
}

function termsOf(
  { ids, clock }: HoldServices,
  placedBy: string,
  { reason, reference }: PlaceClientHoldBody,
): HoldTerms {
  const placedAt = clock.now().toISOString();
  const release = { releaseRequest: null, releasedBy: null, releasedAt: null };
  return { holdId: ids.next(), reason, reference, placedBy, placedAt, ...release };
}
