import { isFault } from '../domain/errors.ts';
import { type Hold, isInForce } from '../domain/hold-records.ts';
import type { Services } from '../ports/services.ts';
import { holdVault } from './hold-vault.ts';

/** Stands in the audit chain and in the hold, where a person gives the number of a case. */
const FOUND = 'S3_LEGAL_HOLD';

/**
 * Holds a vault as a whole because S3's legal hold was found in it and the ledger knows of none.
 * S3 knows that something is held; why, only a ledger knew that is lost. Once for each vault: one
 * that is held as a whole already stays as it is.
 *
 * @returns whether it was placed now; `false` as well when it comes too late, because the keys are
 * just being deleted.
 * @throws HoldfastError `VAULT_UNKNOWN`, `LEDGER_CONFLICT`.
 */
export async function holdAgain(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'pipeline' | 'telemetry'>,
  actor: string,
  vaultId: string,
): Promise<boolean> {
  const hold = foundHold(services, actor, vaultId);
  const isNeeded = async () => !(await isHeldAsWhole(services, vaultId));
  try {
    return await holdVault(services, hold, { isNeeded, reason: FOUND });
  } catch (error) {
    if (!isFault(error, 'DESTRUCTION_BEGUN')) {
      throw error;
    }
    return false;
  }
}

/** @returns the hold that stands for S3's legal holds which nobody can explain. */
export function foundHold(
  { ids, clock }: Pick<Services, 'ids' | 'clock'>,
  placedBy: string,
  vaultId: string,
): Hold {
  return {
    kind: 'hold',
    vaultId,
    holdId: ids.next(),
    scope: { kind: 'vault' },
    reason: "S3's legal hold was found, and the ledger knew of none",
    reference: FOUND,
    placedBy,
    placedAt: clock.now().toISOString(),
    releaseRequest: null,
    releasedBy: null,
    releasedAt: null,
    appliedAt: null,
    liftedAt: null,
  };
}

/** @returns whether a hold in force covers all of a vault, what is yet to come too. */
export async function isHeldAsWhole(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<boolean> {
  for await (const { record } of ledger.list('hold', { vaultId })) {
    if (isInForce(record) && record.scope.kind !== 'snapshot') {
      return true;
    }
  }
  return false;
}
