import {
  type ErasureAnswer,
  presentCoverage,
  summarizeVault,
  type VaultAnswer,
  withoutKind,
} from '../admin-api/answers.ts';
import type { ErasureStatus } from '../admin-api/erasure-answers.ts';
import { presentKeys } from '../admin-api/present-keys.ts';
import { HoldfastError, isFault } from '../domain/errors.ts';
import { isReviewOverdue } from '../domain/policy.ts';
import type { Vault } from '../domain/records.ts';
import { recoveryPoint } from '../domain/recovery-point.ts';
import { findPolicy } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { requireVault } from '../registry/find-vault.ts';
import { holdsInForce } from './list-holds.ts';
import { explainRules } from './show-policy.ts';

/**
 * @returns a vault with its policy, holds in force, erasure and what KMS says of its keys. Keys
 * whose Region did not answer are `Unknown`.
 * @throws HoldfastError `VAULT_UNKNOWN`.
 */
export async function showVault(
  services: Pick<Services, 'clock' | 'ledger' | 'custody'>,
  vaultId: string,
): Promise<VaultAnswer> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const [states, holds, erasure, coverage, known] = await Promise.all([
    keyStates(services, vault),
    holdsInForce(services, vaultId),
    erasureOf(services, vault),
    services.ledger.get('coverage', vaultId),
    findPolicy(services.ledger, vault),
  ]);
  return {
    ...summarizeVault(vault),
    policy: known?.policy ?? null,
    rules: explainRules(known?.policy),
    reviewOverdue: known !== undefined && isReviewOverdue(known.policy, services.clock.now()),
    keys: presentKeys(vault, states),
    activeRun: vault.activeRun,
    drill: vault.drill,
    recoveryPoint: known ? recoveryPoint(vault, known.policy, services.clock.now()) : null,
    holds,
    erasure,
    verified: coverage === undefined ? null : presentCoverage(coverage.record),
    auditEntries: vault.audit.count,
  };
}

/**
 * @returns the vault's latest erasure with its evidence, and the holds that stop one under way.
 * @throws HoldfastError `VAULT_UNKNOWN`, `NO_ERASURE` when none was requested.
 */
export async function showErasure(
  services: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<ErasureStatus> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const erasure = await erasureOf(services, vault);
  if (erasure === null) {
    throw new HoldfastError('NO_ERASURE', { vaultId });
  }
  const holds = await holdsInForce(services, vaultId);
  return { ...erasure, holds: holds.map(({ holdId }) => holdId) };
}

async function erasureOf(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, erasureId }: Vault,
): Promise<ErasureAnswer | null> {
  const stored = erasureId === null ? undefined : await ledger.get('erasure', vaultId, erasureId);
  return stored === undefined ? null : withoutKind(stored.record);
}

async function keyStates({ custody }: Pick<Services, 'custody'>, vault: Vault) {
  try {
    return await custody.states(vault.keys);
  } catch (error) {
    if (!isFault(error, 'KEYS_UNAVAILABLE')) {
      throw error;
    }
    return null;
  }
}
