import { COPY_NAMES } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import { daysAfter } from '../domain/lock.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { findSnapshot } from '../registry/find-snapshot.ts';
import { requireVerification } from '../verify/end-verification.ts';

/**
 * Days that the last snapshot of a vault counts as its final one without anybody saying so: an S3
 * source is simply backed up once more; a folder may lie on a machine that is not at hand today.
 */
const FINAL_FOR_DAYS = { s3: 1, folder: 7 } as const;

/** Days that a verification tells of both copies as they are when a vault is closed. */
const VERIFIED_FOR_DAYS = 1;

/** Until when a vault's last snapshot counts as its final one; `null` when it has none. */
export function finalUntil({ lastSnapshotAt, source }: Vault): Date | null {
  return lastSnapshotAt === null
    ? null
    : daysAfter(new Date(lastSnapshotAt), FINAL_FOR_DAYS[source.kind]);
}

/** What somebody says of the final snapshot. */
export interface FinalClaim {
  /** A quick or deep verification of it. */
  readonly verificationId: string;
  /** The snapshot that is final although it is older. */
  readonly confirmedSnapshotId?: string | undefined;
}

/**
 * The gate every vault passes when it is closed: nothing was left out of the last backup, and both
 * copies were verified within a day.
 *
 * @throws HoldfastError `NO_SNAPSHOT`; `FINAL_SNAPSHOT_OLD` when it is older than that and nobody
 * has confirmed it; `FINAL_SNAPSHOT_UNVERIFIED`, `VERIFICATION_UNKNOWN`.
 */
export async function requireFinalSnapshot(
  services: Pick<Services, 'ledger' | 'clock'>,
  vault: Vault,
  { verificationId, confirmedSnapshotId }: FinalClaim,
): Promise<Snapshot> {
  const { vaultId } = vault;
  const snapshot = await findSnapshot(services.ledger, vaultId, vault.lastSnapshotId);
  const until = finalUntil(vault);
  if (snapshot === null || until === null) {
    throw new HoldfastError('NO_SNAPSHOT', { vaultId });
  }
  const { snapshotId } = snapshot;
  if (until < services.clock.now() && confirmedSnapshotId !== snapshotId) {
    throw new HoldfastError('FINAL_SNAPSHOT_OLD', { vaultId, snapshotId });
  }
  const { record } = await requireVerification(services, { vaultId, verificationId });
  const isWhole =
    record.snapshotId === snapshotId &&
    record.state === 'SUCCEEDED' &&
    daysAfter(new Date(record.requestedAt), VERIFIED_FOR_DAYS) >= services.clock.now() &&
    COPY_NAMES.every((copy) => record.copies[copy].absent === 0);
  if (!isWhole) {
    throw new HoldfastError('FINAL_SNAPSHOT_UNVERIFIED', { vaultId, snapshotId });
  }
  return snapshot;
}
