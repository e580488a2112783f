import { METRICS } from '../config/metric-names.ts';
import { drillAfter } from '../domain/drill.ts';
import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import type { Verification } from '../domain/verification-records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import type { TallyResult } from './verification-tally.ts';

/** Names one verification. */
export interface VerificationAddress {
  readonly vaultId: string;
  readonly verificationId: string;
}

/** @throws HoldfastError `ID_INVALID`, `VERIFICATION_UNKNOWN`. */
export async function requireVerification(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, verificationId }: VerificationAddress,
): Promise<Stored<'verification'>> {
  const id = requireId('verification', verificationId);
  const found = await ledger.get('verification', vaultId, id);
  if (found === undefined) {
    throw new HoldfastError('VERIFICATION_UNKNOWN', { vaultId, verificationId });
  }
  return found;
}

/**
 * Records how a verification ended, with an audit entry. One that has ended already stays as it is.
 *
 * @param result - it succeeded when its `failure` is `null`.
 * @returns the verification as the ledger has it now.
 * @throws HoldfastError `VAULT_UNKNOWN`, `VERIFICATION_UNKNOWN`.
 */
export async function endVerification(
  services: Pick<Services, 'ledger' | 'clock' | 'telemetry'>,
  address: VerificationAddress,
  result: TallyResult,
): Promise<Verification> {
  const { vaultId, verificationId } = address;
  const ended = await changeVault(services, vaultId, async (vault) => {
    const { record, version } = await requireVerification(services, address);
    if (record.state !== 'RUNNING') {
      return null;
    }
    const endedAt = services.clock.now().toISOString();
    const state = result.failure === null ? 'SUCCEEDED' : 'FAILED';
    const verification: Verification = { ...record, ...result, state, endedAt, position: null };
    const { snapshotId, depth, findingCount: findings, failure } = verification;
    return {
      vault: { ...vault, drill: drillAfter(vault.drill, verification) },
      actor: 'holdfast:verify-snapshot',
      action: state === 'SUCCEEDED' ? 'verification.succeeded' : 'verification.failed',
      outcome: state === 'SUCCEEDED' ? ('done' as const) : ('failed' as const),
      reason: failure,
      details: { verificationId, snapshotId, depth, findings, failure },
      also: [{ record: verification, expect: version }],
      result: { verification, isDrill: vault.drill?.verificationId === verificationId },
    };
  });
  if (ended === null) {
    return (await requireVerification(services, address)).record;
  }
  report(services, address, ended);
  return ended.verification;
}

function report(
  { telemetry }: Pick<Services, 'telemetry'>,
  { vaultId, verificationId }: VerificationAddress,
  { verification, isDrill }: { verification: Verification; isDrill: boolean },
): void {
  const { state, findings, findingCount, failure } = verification;
  const fields = { vaultId, verificationId, state, findings: findingCount, failure };
  telemetry.event('verification.ended', fields);
  for (const { copy, object } of findings) {
    telemetry.event('copy.damaged', { vaultId, verificationId, copy, object });
  }
  if (findingCount > 0) {
    telemetry.measure(METRICS.copyDamaged, findingCount);
  }
  if (isDrill && state === 'FAILED') {
    telemetry.measure(METRICS.drillFailed, 1);
  }
}
