import type { KeyTier } from '../../shared/domain/key-tier.ts';
import type { PolicyDocument } from '../../shared/domain/policy-document.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { recordKeyEvent } from '../../shared/erasure/record-key-event.ts';
import { restoreKeyPolicies } from '../../shared/erasure/restore-key-policies.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { findPolicy } from '../../shared/policies/find-policy.ts';
import { registerClient } from '../../shared/registry/register-client.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { type MemoryServices, memoryServices, TEST_INSTALLATION } from './memory-services.ts';

export const OPERATOR = 'arn:aws:iam::111122223333:user/operator';
export const SUPERVISOR = 'arn:aws:iam::111122223333:user/supervisor';

/**
 * An installation in memory whose parts answer each other as in AWS: key events reach the ledger,
 * and the erasing function runs when it is told to.
 *
 * @param keyEvents - `lost`: nobody hears of what is done to keys.
 */
export function livingInstallation({
  keyEvents = 'recorded',
}: {
  keyEvents?: 'recorded' | 'lost';
} = {}): MemoryServices {
  const living = memoryServices();
  const { services, pipeline, custody } = living;
  pipeline.wire({
    advanceErasure: (vaultId) => advanceErasure(services, vaultId),
    restoreKeys: (vaultId) => advanceErasure(services, vaultId, { restore: true }),
    restoreKeyPolicies: async (vaultId) => {
      await restoreKeyPolicies(services, vaultId);
    },
  });
  if (keyEvents === 'recorded') {
    custody.onKeyEvent((event) => recordKeyEvent(services, event));
  }
  return living;
}

/** A firm's own policy, the same for every test that does not ask for another: daily points. */
export const FIVE_WEEKS: PolicyDocument = {
  id: 'five-weeks',
  version: 1,
  title: 'Daily points of five weeks',
  rules: ['cn-tax-engagement-10y'],
  reviewBy: '2027-11-23',
  timeZone: 'Asia/Shanghai',
  fiscalYearEnd: { month: 12, day: 31 },
  role: 'controller',
  backup: { everyHours: 24, rpoHours: 48 },
  snapshots: { keep: { hourly: 0, daily: 35, weekly: 0, monthly: 0, yearly: 0 } },
  lock: { mode: 'rolling', minimumDays: 30, horizonDays: 90, gridDays: 7 },
  lingerDays: 90,
  erasure: { graceDays: 3, windowDays: 7, approvals: 1, undoForeignKeyEvents: true },
  drillEveryDays: null,
  residency: null,
};

/** Registers a client and one vault of it. */
export async function registeredVault(
  { services }: Pick<MemoryServices, 'services'>,
  {
    policyId = FIVE_WEEKS.id,
    reference = 'A-1',
    recordClass = 'engagement-file',
    tier = 'dedicated' as KeyTier,
  } = {},
): Promise<Vault> {
  const pin = { policyId: FIVE_WEEKS.id, policyVersion: 1 };
  if (policyId === FIVE_WEEKS.id && (await findPolicy(services.ledger, pin)) === undefined) {
    await addPolicy(services, OPERATOR, FIVE_WEEKS);
  }
  const client = await registerClient(services, OPERATOR, { name: 'Somebody', reference });
  return registerVault(services, OPERATOR, client.clientId, {
    recordClass,
    policyId,
    tier,
    source: { kind: 's3' as const, bucket: 'records-of-the-firm', prefix: `${reference}/` },
  });
}

/** @returns the vault as the ledger has it now. */
export async function vaultNow({ ledger }: MemoryServices, vaultId: string): Promise<Vault> {
  const stored = await ledger.get('vault', vaultId);
  if (stored === undefined) {
    throw new Error(`no vault ${vaultId} in ${TEST_INSTALLATION.name}`);
  }
  return stored.record;
}
