import { drillBegun } from '../domain/drill.ts';
import { HoldfastError } from '../domain/errors.ts';
import { requireId } from '../domain/ids.ts';
import { isReadable } from '../domain/states.ts';
import type { Verification } from '../domain/verification-records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireKeptSnapshot } from '../registry/find-snapshot.ts';
import { endVerification } from './end-verification.ts';

const NOTHING = { objects: 0, bytes: 0, records: 0, absent: 0 };

/**
 * Takes the request to verify a snapshot and starts it; it runs by itself.
 *
 * @param actor - ARN of the caller.
 * @param isDrill - the vault remembers it, and how it ends. @default false
 * @throws HoldfastError `ID_INVALID`, `VAULT_UNKNOWN`, `SNAPSHOT_UNKNOWN`, `SNAPSHOT_EXPIRED`;
 * `VAULT_UNREADABLE` when a deep one is asked for of a vault that is not readable;
 * `PIPELINE_UNAVAILABLE` when it could not be started: it is recorded as failed then.
 */
export async function requestVerification(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'pipeline' | 'telemetry'>,
  actor: string,
  { vaultId, snapshotId }: { vaultId: string; snapshotId: string },
  { depth, isDrill = false }: { depth: Verification['depth']; isDrill?: boolean },
): Promise<Verification> {
  const verificationId = services.ids.next();
  const requested = await changeVault(services, vaultId, async (vault) => {
    const { state } = vault;
    if (depth === 'deep' && !isReadable(state)) {
      throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state });
    }
    await requireKeptSnapshot(services.ledger, vaultId, requireId('snapshot', snapshotId));
    const verification: Verification = {
      kind: 'verification',
      ...{ vaultId, verificationId, snapshotId, depth },
      requestedBy: actor,
      requestedAt: services.clock.now().toISOString(),
      state: 'RUNNING',
      endedAt: null,
      copies: { primary: NOTHING, secondary: NOTHING },
      findings: [],
      findingCount: 0,
      failure: null,
      position: null,
    };
    return {
      vault: isDrill ? { ...vault, drill: drillBegun(vault.drill, verification) } : vault,
      actor,
      action: 'verification.requested',
      details: { verificationId, snapshotId, depth },
      also: [{ record: verification, expect: 'absent' as const }],
      result: verification,
    };
  });
  try {
    await services.pipeline.startVerification(vaultId, verificationId);
    return requested;
  } catch (error) {
    const address = { vaultId, verificationId };
    await endVerification(services, address, { ...requested, failure: 'PIPELINE_UNAVAILABLE' });
    throw error;
  }
}
