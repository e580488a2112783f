import { restingCopies } from '../backup/resting-copy.ts';
import { type Hold, isInForce } from '../domain/hold-records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { listObjectHolds, type ObjectHold } from './covered-objects.ts';
import { isToSwitch, switchLegalHolds } from './switch-legal-holds.ts';

export type HoldingServices = Pick<Services, 'ledger' | 'clock' | 'copies' | 'telemetry'>;

/** Name under which the function writes into the audit chain. */
const ACTOR = 'holdfast:apply-holds';

/** Objects switched side by side: each takes a request to each copy. */
const AT_ONCE = 25;

/** Time to switch one more batch, each copy's retries included, within what a function has left. */
const STOP_MS = 120_000;

/**
 * Makes S3's legal holds of one vault what the holds in the ledger ask for, in both copies: on for
 * every object they cover, off for those that none covers any more. What is right already costs no
 * request, so a pass that was cut off goes on where it was.
 *
 * @param remainingMs - milliseconds that the function still has.
 * @returns `false` when there was no time left to do all of it.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED` when a copy failed; the other one has
 * done its part then. `LEDGER_CONFLICT` when another pass was at work on the same vault.
 */
export async function applyVaultHolds(
  services: HoldingServices,
  vaultId: string,
  remainingMs: () => number,
): Promise<boolean> {
  const holds = await Array.fromAsync(
    services.ledger.list('hold', { vaultId }),
    ({ record }) => record,
  );
  const copies = restingCopies(services.copies);
  const switching = { ledger: services.ledger, copies, vaultId };
  let failure: unknown;
  let objects = 0;
  for await (const batch of listBatches(listObjectHolds(services, vaultId, holds))) {
    if (remainingMs() < STOP_MS) {
      return false;
    }
    failure = (await switchLegalHolds(switching, batch)) ?? failure;
    objects += batch.length;
  }
  if (failure !== undefined) {
    throw failure;
  }
  await recordApplied(services, vaultId, holds, objects);
  return true;
}

/** What is not as it should be, some objects at a time. */
async function* listBatches(objects: AsyncIterable<ObjectHold>): AsyncGenerator<ObjectHold[]> {
  let batch: ObjectHold[] = [];
  for await (const object of objects) {
    if (isToSwitch(object)) {
      batch.push(object);
    }
    if (batch.length === AT_ONCE) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

/** Writes down which holds are applied now, and which are lifted. */
async function recordApplied(
  services: HoldingServices,
  vaultId: string,
  holds: readonly Hold[],
  objects: number,
): Promise<void> {
  for (const seen of holds) {
    const isNew = isInForce(seen) ? seen.appliedAt === null : seen.liftedAt === null;
    if (isNew) {
      await recordOne(services, seen, objects);
    }
  }
  services.telemetry.event('holds.applied', { vaultId, objects });
}

async function recordOne(services: HoldingServices, seen: Hold, objects: number): Promise<void> {
  const { vaultId, holdId } = seen;
  const step = isInForce(seen) ? 'appliedAt' : 'liftedAt';
  await changeVault(services, vaultId, async (vault) => {
    const stored = await services.ledger.get('hold', vaultId, holdId);
    if (stored === undefined || stored.record[step] !== null) {
      return null;
    }
    const hold: Hold = { ...stored.record, [step]: services.clock.now().toISOString() };
    return {
      vault,
      actor: ACTOR,
      action: step === 'appliedAt' ? 'hold.applied' : 'hold.lifted',
      details: { holdId, objectsSwitched: objects },
      also: [{ record: hold, expect: stored.version }],
      result: hold,
    };
  });
}
