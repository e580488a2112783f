import { METRICS } from '../config/metric-names.ts';
import { isFault } from '../domain/errors.ts';
import { type ClientHold, isInForce } from '../domain/hold-records.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { applyVaultHolds, type HoldingServices } from './apply-vault-holds.ts';
import { spreadClientHold } from './spread-client-hold.ts';

/** What one pass has done. A type alias: it is logged as it is. */
export type HoldSummary = {
  /** Vaults whose objects are held, or held no longer, just as the ledger asks. */
  readonly vaults: number;
  /** Vaults that wait for the next pass: a copy was down, or the time was up. */
  readonly waiting: number;
};

/** Failures that the next pass may not meet. */
const NEXT_TIME = ['COPY_UNAVAILABLE', 'LEDGER_CONFLICT'] as const;

type PassServices = HoldingServices & Pick<Services, 'pauses' | 'pipeline'>;

/**
 * Lets every vault hear of the holds on its client, and makes S3's legal holds what the ledger asks
 * for, in every vault with a hold in force or one that is still to be lifted. New objects of a held
 * vault are covered by it. Always reports `LegalHoldsBehind`, so that its silence rings.
 *
 * @param remainingMs - default: there is no end.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`; at the end of the pass, the first failure that
 * repeating cannot cure.
 */
export async function applyHolds(
  services: PassServices,
  remainingMs: () => number = () => Number.POSITIVE_INFINITY,
): Promise<HoldSummary> {
  await spreadAll(services);
  const failures: unknown[] = [];
  let [vaults, waiting] = [0, 0];
  for (const vaultId of await dueOnce(services, 'hold')) {
    try {
      const isDone = await applyVaultHolds(services, vaultId, remainingMs);
      vaults += isDone ? 1 : 0;
      waiting += isDone ? 0 : 1;
    } catch (error) {
      const code = isFault(error) ? error.code : 'UNEXPECTED';
      services.telemetry.event('holds.wait', { vaultId, code });
      waiting += 1;
      if (!isFault(error, ...NEXT_TIME)) {
        failures.push(error);
      }
    }
  }
  services.telemetry.measure(METRICS.legalHoldsBehind, waiting);
  if (failures.length > 0) {
    throw failures[0];
  }
  return { vaults, waiting };
}

async function spreadAll(services: PassServices): Promise<void> {
  for (const clientId of await dueOnce(services, 'client-hold')) {
    for await (const { record } of services.ledger.list('client-hold', { clientId })) {
      if (record.settledAt === null) {
        await spreadClientHold(services, record);
        await settle(services, record);
      }
    }
  }
}

/** A hold in force is never settled: the client may get another vault. */
async function settle(services: PassServices, seen: ClientHold): Promise<void> {
  const { clientId, holdId } = seen;
  await writeDecision(services, async () => {
    const stored = await services.ledger.get('client-hold', clientId, holdId);
    if (isInForce(seen) || stored === undefined) {
      return { changes: [], result: undefined };
    }
    const record = { ...stored.record, settledAt: services.clock.now().toISOString() };
    return { changes: [{ record, expect: stored.version }], result: undefined };
  });
}

/** Read as a whole first: the queue changes while it is worked through. */
async function dueOnce(
  { ledger, clock }: PassServices,
  work: 'hold' | 'client-hold',
): Promise<Set<string>> {
  return new Set(await Array.fromAsync(ledger.due(work, clock.now())));
}
