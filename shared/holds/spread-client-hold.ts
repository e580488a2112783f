import { recordDenied } from '../audit/record-denied.ts';
import { isFault } from '../domain/errors.ts';
import { type ClientHold, type Hold, isInForce } from '../domain/hold-records.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { holdVault } from './hold-vault.ts';
import { releaseVault } from './release-vault.ts';

type SpreadServices = Pick<Services, 'ledger' | 'clock' | 'pauses' | 'pipeline' | 'telemetry'>;

/**
 * Lets every vault of a client hear of a hold on the client: that it is in force, or that it is
 * released. May be repeated; vaults that have heard of it are left alone.
 *
 * @returns the vaults that the hold touches, or has touched.
 * @throws HoldfastError `LEDGER_CONFLICT`, `LEDGER_UNAVAILABLE`.
 */
export async function spreadClientHold(
  services: SpreadServices,
  clientHold: ClientHold,
): Promise<string[]> {
  const { clientId } = clientHold;
  const touched: string[] = [];
  for await (const { record: vault } of services.ledger.list('vault', { clientId })) {
    const hold = holdInVault(clientHold, vault.vaultId);
    if (isInForce(clientHold)) {
      await holdUnlessTooLate(services, hold);
    } else {
      await releaseVault(services, hold);
    }
    touched.push(vault.vaultId);
  }
  return touched;
}

/** The other vaults are held all the same. */
async function holdUnlessTooLate(services: SpreadServices, hold: Hold): Promise<void> {
  try {
    await holdVault(services, hold);
  } catch (error) {
    if (!isFault(error, 'DESTRUCTION_BEGUN')) {
      throw error;
    }
    const { placedBy: actor, vaultId } = hold;
    const params = { vaultId };
    await recordDenied(services, { actor, params, route: 'placeClientHold', error });
  }
}

/** @returns the holds that a new vault of a client is born with. */
export async function inheritedHolds(
  ledger: Ledger,
  { clientId, vaultId }: { clientId: string; vaultId: string },
): Promise<Hold[]> {
  const holds: Hold[] = [];
  for await (const { record } of ledger.list('client-hold', { clientId })) {
    if (isInForce(record)) {
      holds.push(holdInVault(record, vaultId));
    }
  }
  return holds;
}

/** What a hold on a client is in one of its vaults. */
function holdInVault(
  { kind: _, clientId: _client, settledAt: _settled, ...terms }: ClientHold,
  vaultId: string,
): Hold {
  const scope = { kind: 'client' } as const;
  return { kind: 'hold', vaultId, scope, ...terms, appliedAt: null, liftedAt: null };
}
