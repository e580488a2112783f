import { METRICS } from '../config/metric-names.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { compareLegalHolds, type LegalHoldAnswers } from './compare-legal-holds.ts';
import type { ObjectHold } from './covered-objects.ts';
import { holdAgain } from './hold-again.ts';
import { tellHolder } from './tell-holder.ts';

export type SettlingServices = Pick<
  Services,
  'ledger' | 'clock' | 'ids' | 'copies' | 'pipeline' | 'telemetry'
>;

/** Who compares, and what with. */
export interface Comparison {
  /** Name under which the function writes into the audit chain. */
  readonly actor: string;
  readonly vaultId: string;
  readonly answers: LegalHoldAnswers;
}

/**
 * Compares S3's legal holds in a vault with the ledger, in both directions, and puts right what
 * differs: a vault in which S3 holds something that nobody knows of is held again, as a whole, and
 * what S3 holds no longer is to be held anew by the next pass over holds. The ledger was restored
 * to an earlier time then, or somebody has switched legal holds past Holdfast: the metric
 * `LegalHoldsDisputed` counts the vault.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function settleLegalHolds(
  services: SettlingServices,
  { actor, vaultId, answers }: Comparison,
): Promise<void> {
  const { telemetry } = services;
  const { isUnknown, lost, isLeft } = await compareLegalHolds(services, vaultId, answers);
  if (!isUnknown && lost.length === 0) {
    await tellHolder(services, isLeft ? [vaultId] : []);
    return;
  }
  telemetry.measure(METRICS.legalHoldsDisputed, 1);
  for (const object of lost) {
    await forgetConfirmation(services, vaultId, object);
  }
  if (lost.length > 0) {
    telemetry.measure(METRICS.legalHoldsBehind, 1);
  }
  const isHeldAgain = isUnknown && (await holdAgain(services, actor, vaultId));
  telemetry.event('legal-holds.disputed', { vaultId, isHeldAgain, missing: lost.length });
  await tellHolder(services, [vaultId]);
}

/** The next pass over holds asks S3 anew. */
async function forgetConfirmation(
  { ledger }: SettlingServices,
  vaultId: string,
  { key }: ObjectHold,
): Promise<void> {
  await writeDecision({ ledger }, async () => {
    const stored = await ledger.get('legal-hold', vaultId, key);
    if (stored?.record.confirmed !== true) {
      return { changes: [], result: undefined };
    }
    const record = { ...stored.record, confirmed: false };
    return { changes: [{ record, expect: stored.version }], result: undefined };
  });
}
