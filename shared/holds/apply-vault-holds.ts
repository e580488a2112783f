import { restingCopies } from '../backup/resting-copy.ts';
import { isFault } from '../domain/errors.ts';
import { type Hold, isInForce } from '../domain/hold-records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { listObjectHolds, type ObjectHold } from './covered-objects.ts';
import { isToSwitch, type Switching, switchLegalHolds } from './switch-legal-holds.ts';

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
 * Holds come and go, and other passes work, while it does. So it begins anew until the holds at its
 * end are those it has worked with, and nobody has switched the same objects meanwhile: whichever
 * pass ends last leaves what the ledger asks for.
 *
 * @param remainingMs - milliseconds that the function still has.
 * @returns `false` when there was no time left to do all of it.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED` when a copy failed; the other one has
 * done its part then.
 */
export async function applyVaultHolds(
  services: HoldingServices,
  vaultId: string,
  remainingMs: () => number,
): Promise<boolean> {
  const switching = { ...services, copies: restingCopies(services.copies), vaultId };
  let objects = 0;
  for (;;) {
    const holds = await holdsOf(services, vaultId);
    const pass = await switchObjects(switching, holds, remainingMs);
    objects += pass.objects;
    if (pass.end === 'no-time') {
      return false;
    }
    if (pass.end === 'overtaken' || !areSame(holds, await holdsOf(services, vaultId))) {
      continue;
    }
    if (pass.failure !== undefined) {
      throw pass.failure;
    }
    await recordApplied(services, vaultId, holds, objects);
    return true;
  }
}

/** How far a look at all objects of a vault came. */
interface Pass {
  readonly end: 'done' | 'no-time' | 'overtaken';
  /** Of a copy; the other one has done its part. */
  readonly failure: unknown;
  readonly objects: number;
}

async function switchObjects(
  switching: Switching,
  holds: readonly Hold[],
  remainingMs: () => number,
): Promise<Pass> {
  let [failure, objects]: [unknown, number] = [undefined, 0];
  const all = listObjectHolds(switching, switching.vaultId, holds);
  for await (const batch of listBatches(all)) {
    if (remainingMs() < STOP_MS) {
      return { end: 'no-time', failure, objects };
    }
    try {
      failure = (await switchLegalHolds(switching, batch)) ?? failure;
      objects += batch.length;
    } catch (error) {
      if (!isFault(error, 'LEDGER_CONFLICT')) {
        throw error;
      }
      return { end: 'overtaken', failure, objects };
    }
  }
  return { end: 'done', failure, objects };
}

async function holdsOf({ ledger }: HoldingServices, vaultId: string): Promise<Hold[]> {
  return Array.fromAsync(ledger.list('hold', { vaultId }), ({ record }) => record);
}

/** What asks for legal holds are the holds in force. */
function areSame(before: readonly Hold[], now: readonly Hold[]): boolean {
  const idsOf = (holds: readonly Hold[]) =>
    holds
      .filter(isInForce)
      .map(({ holdId }) => holdId)
      .join();
  return idsOf(before) === idsOf(now);
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
    const isSame = stored !== undefined && isInForce(stored.record) === isInForce(seen);
    if (!isSame || stored.record[step] !== null) {
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
