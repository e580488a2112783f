import { destructionBegan } from '../domain/destruction-began.ts';
import { HoldfastError } from '../domain/errors.ts';
import { type Hold, isInForce } from '../domain/hold-records.ts';
import type { Vault } from '../domain/records.ts';
import { findOpenErasure } from '../erasure/find-erasure.ts';
import { heedHolds } from '../erasure/heed-holds.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireKeptSnapshot } from '../registry/find-snapshot.ts';

/** How a hold is placed that nobody asked for. */
export interface HoldingOptions {
  /** Asked where it is decided. @default it is needed */
  readonly isNeeded?: () => Promise<boolean>;
  /** A code for the audit chain. @default null */
  readonly reason?: string | null;
}

/**
 * Lets a hold touch its vault: one more is in force there, and an erasure under way stands still.
 *
 * It is either in force before the keys are deleted, and then they are not, or refused: whoever
 * deletes keys writes before that he does so, and of the two writes the vault's version lets one be
 * first.
 *
 * What it stands on is read where it is decided: a snapshot must not expire, and a hold on the
 * client not be released, in the moment between.
 *
 * @returns whether it does now; `false` for an erased vault, for a hold on a client that was
 * released meanwhile, and for one that is not needed. One that does already stays as it is.
 * @throws HoldfastError `VAULT_UNKNOWN`; `SNAPSHOT_UNKNOWN`, `SNAPSHOT_EXPIRED`;
 * `DESTRUCTION_BEGUN` when it comes too late.
 */
export async function holdVault(
  services: Pick<Services, 'ledger' | 'clock' | 'pipeline' | 'telemetry'>,
  hold: Hold,
  { isNeeded = async () => true, reason = null }: HoldingOptions = {},
): Promise<boolean> {
  const { vaultId, holdId, placedBy: actor, scope } = hold;
  const done = await changeVault(services, vaultId, async (vault) => {
    const isThere = (await services.ledger.get('hold', vaultId, holdId)) !== undefined;
    if (isThere || vault.state === 'ERASED' || !(await isNeeded())) {
      return null;
    }
    await requireNotBegun(services.ledger, vault);
    if (scope.kind === 'snapshot') {
      await requireKeptSnapshot(services.ledger, vaultId, scope.snapshotId);
    }
    const above = await findAbove(services.ledger, vault, hold);
    if (above !== undefined && !isInForce(above.record)) {
      return null;
    }
    const inForce = above === undefined ? [] : [{ record: above.record, expect: above.version }];
    return {
      vault: { ...vault, holds: vault.holds + 1 },
      actor,
      action: 'hold.placed',
      reason,
      details: { holdId, scope: scope.kind },
      also: [{ record: hold, expect: 'absent' as const }, ...inForce],
      result: true,
    };
  });
  if (done) {
    await heedHolds(services, vaultId);
  }
  return done !== null;
}

async function requireNotBegun(ledger: Ledger, vault: Vault): Promise<void> {
  const open = await findOpenErasure(ledger, vault);
  const at = open === undefined ? null : destructionBegan(open.record);
  if (at !== null) {
    throw new HoldfastError('DESTRUCTION_BEGUN', { vaultId: vault.vaultId, at });
  }
}

/** @returns the hold on the vault's client that a hold belongs to. */
async function findAbove(
  ledger: Ledger,
  { clientId }: Vault,
  { scope, holdId }: Hold,
): Promise<Stored<'client-hold'> | undefined> {
  return scope.kind === 'client' ? ledger.get('client-hold', clientId, holdId) : undefined;
}
