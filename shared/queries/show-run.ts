import {
  type RestoreAnswer,
  type RunAnswer,
  type VerificationAnswer,
  withoutKind,
} from '../admin-api/answers.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';

/** @throws HoldfastError `VAULT_UNKNOWN`, `RUN_UNKNOWN`. */
export async function showBackup(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, runId }: { vaultId: string; runId: string },
): Promise<RunAnswer> {
  await requireVault(ledger, vaultId);
  const stored = await ledger.get('run', vaultId, runId);
  if (stored === undefined) {
    throw new HoldfastError('RUN_UNKNOWN', { vaultId, runId });
  }
  const { progress: _, ...run } = withoutKind(stored.record);
  return run;
}

/** @throws HoldfastError `VAULT_UNKNOWN`, `RESTORE_UNKNOWN`. */
export async function showRestore(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, restoreId }: { vaultId: string; restoreId: string },
): Promise<RestoreAnswer> {
  await requireVault(ledger, vaultId);
  const stored = await ledger.get('restore', vaultId, restoreId);
  if (stored === undefined) {
    throw new HoldfastError('RESTORE_UNKNOWN', { vaultId, restoreId });
  }
  return withoutKind(stored.record);
}

/** @throws HoldfastError `VAULT_UNKNOWN`, `VERIFICATION_UNKNOWN`. */
export async function showVerification(
  { ledger }: Pick<Services, 'ledger'>,
  params: { vaultId: string; snapshotId: string; verificationId: string },
): Promise<VerificationAnswer> {
  const { vaultId, snapshotId, verificationId } = params;
  await requireVault(ledger, vaultId);
  const stored = await ledger.get('verification', vaultId, verificationId);
  if (stored?.record.snapshotId !== snapshotId) {
    throw new HoldfastError('VERIFICATION_UNKNOWN', { vaultId, verificationId });
  }
  return withoutKind(stored.record);
}
