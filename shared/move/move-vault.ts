import { type MovedObject, openMove, type VaultMove } from '../domain/move-records.ts';
import type { Snapshot } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { settlePacks } from '../retention/settle-packs.ts';
import { FUNCTION_LIFE_MINUTES, timeToMove } from './move-limits.ts';
import { type ObjectToMove, objectsToMove, snapshotsToMove } from './objects-to-move.ts';
import { rewriteObject } from './rewrite-object.ts';
import { rewriteSeal } from './rewrite-seal.ts';
import { switchPacks, switchSnapshot } from './switch-snapshots.ts';

export type MovingServices = Pick<Services, 'clock' | 'copies' | 'custody' | 'ledger'>;

/** Milliseconds that a function still has. */
export type RemainingMs = () => number;

/** Name under which the function writes into the audit chain. */
const ACTOR = 'holdfast:move-vaults';

/** Objects written anew at once, and so many bytes of them: larger ones go alone. */
const AT_ONCE = 4;
const BYTES_AT_ONCE = 192 * 1024 * 1024;

/** Time for one batch of ledger records. */
const LEDGER_BYTES = 0;

/**
 * Writes a vault anew under other keys. Its course:
 *
 * 1. take the move, so that no other invocation is at it
 * 2. every pack and manifest part that a snapshot needs: encrypted under the new keys, written to
 *    both copies, read back from both and compared; each is recorded then
 * 3. every seal, which names those
 * 4. the ledger's records of packs and snapshots; a snapshot is read with the old keys before its
 *    own is changed, and with the new ones after
 * 5. the vault: the new keys are its keys
 *
 * What is recorded is not done again, so that a move that was cut off goes on where it was. What it
 * wrote and did not record stays as a version that nobody names, until its lock ends.
 *
 * @returns `false` when there is more to do: the time was up, or another invocation has the move.
 * @throws HoldfastError as `rewriteObject`, `rewriteSeal` and `switchPacks` do.
 */
export async function moveVault(
  services: MovingServices,
  vaultId: string,
  remainingMs: RemainingMs,
): Promise<boolean> {
  const move = await lease(services, vaultId);
  if (move === null) {
    return false;
  }
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const hasTime = () => remainingMs() >= timeToMove(0);
  const settling = await settlePacks(services, vault, hasTime);
  if (!settling.isDone) {
    await release(services, vaultId, move);
    return false;
  }
  const snapshots = await snapshotsToMove(services, vaultId);
  const work = { services, move, vaultId, moved: await readMoved(services, vaultId), remainingMs };
  const isWhole =
    (await rewriteObjects(work, snapshots)) &&
    (await rewriteSeals(work, snapshots)) &&
    (await switchAll(work, snapshots));
  if (!isWhole) {
    await release(services, vaultId, move);
    return false;
  }
  await endSwitch(services, vaultId, move, snapshots.length, work.moved.size);
  return true;
}

/** What the steps of one turn have in common. */
interface Work {
  readonly services: MovingServices;
  readonly move: VaultMove;
  readonly vaultId: string;
  /** By key. */
  readonly moved: Map<string, MovedObject>;
  readonly remainingMs: RemainingMs;
}

/** Step 1. @returns `null` when it is not under way, or somebody else's. */
async function lease(
  { ledger, clock }: MovingServices,
  vaultId: string,
): Promise<VaultMove | null> {
  return writeDecision({ ledger }, async () => {
    const { record: vault, version } = await requireVault(ledger, vaultId);
    const move = openMove(vault);
    const now = clock.now();
    const isTaken = move?.leasedUntil != null && new Date(move.leasedUntil) > now;
    if (move?.state !== 'COPYING' || isTaken) {
      return { changes: [], result: null };
    }
    const leased = { ...move, leasedUntil: afterMinutes(now, FUNCTION_LIFE_MINUTES) };
    return {
      changes: [{ record: { ...vault, move: leased }, expect: version }],
      result: leased,
    };
  });
}

async function release(
  { ledger }: MovingServices,
  vaultId: string,
  { moveId, leasedUntil }: VaultMove,
): Promise<void> {
  await writeDecision({ ledger }, async () => {
    const { record: vault, version } = await requireVault(ledger, vaultId);
    const { move } = vault;
    if (move?.moveId !== moveId || move.leasedUntil !== leasedUntil) {
      return { changes: [], result: undefined };
    }
    const free = { ...vault, move: { ...move, leasedUntil: null } };
    return { changes: [{ record: free, expect: version }], result: undefined };
  });
}

async function readMoved(
  { ledger }: MovingServices,
  vaultId: string,
): Promise<Map<string, MovedObject>> {
  const moved = new Map<string, MovedObject>();
  for await (const { record } of ledger.list('moved-object', { vaultId })) {
    moved.set(record.key, record);
  }
  return moved;
}

/** Step 2. */
async function rewriteObjects(work: Work, snapshots: readonly Snapshot[]): Promise<boolean> {
  const { services, move, vaultId, moved, remainingMs } = work;
  let [batch, bytes]: [ObjectToMove[], number] = [[], 0];
  const rewriteBatch = async (): Promise<boolean> => {
    if (remainingMs() < timeToMove(bytes)) {
      return false;
    }
    const objects = await allOf(batch.map((object) => rewriteObject(services, move, object)));
    for (const object of objects) {
      await record(work, object);
    }
    [batch, bytes] = [[], 0];
    return true;
  };
  for await (const object of objectsToMove(services, vaultId, snapshots)) {
    const { key, size } = object.stored;
    if (moved.has(key)) {
      continue;
    }
    const isFull = batch.length === AT_ONCE || (batch.length > 0 && bytes + size > BYTES_AT_ONCE);
    if (isFull && !(await rewriteBatch())) {
      return false;
    }
    batch.push(object);
    bytes += size;
  }
  return batch.length === 0 || rewriteBatch();
}

/** Step 3. */
async function rewriteSeals(work: Work, snapshots: readonly Snapshot[]): Promise<boolean> {
  const { services, moved, remainingMs } = work;
  for (const snapshot of snapshots) {
    if (moved.has(snapshot.seal.key)) {
      continue;
    }
    if (remainingMs() < timeToMove(snapshot.seal.size)) {
      return false;
    }
    await record(work, await rewriteSeal(services, snapshot, moved));
  }
  return true;
}

/** Step 4. */
async function switchAll(work: Work, snapshots: readonly Snapshot[]): Promise<boolean> {
  const { services, move, vaultId, moved, remainingMs } = work;
  const hasTime = () => remainingMs() > timeToMove(LEDGER_BYTES);
  if (!(await switchPacks(services, vaultId, moved, hasTime))) {
    return false;
  }
  for (const snapshot of snapshots) {
    if (snapshot.seal.sha256 === moved.get(snapshot.seal.key)?.after.sha256) {
      continue;
    }
    if (!hasTime()) {
      return false;
    }
    await switchSnapshot(services, move, snapshot, moved);
  }
  return true;
}

/** Step 5. */
async function endSwitch(
  services: MovingServices,
  vaultId: string,
  { moveId }: VaultMove,
  snapshots: number,
  objects: number,
): Promise<void> {
  await changeVault(services, vaultId, async (vault) => {
    const { move } = vault;
    if (move?.moveId !== moveId || move.state !== 'COPYING') {
      return null;
    }
    const destroyAt = afterMinutes(services.clock.now(), FUNCTION_LIFE_MINUTES);
    const switched: VaultMove = { ...move, state: 'SWITCHED', leasedUntil: null, destroyAt };
    return {
      vault: { ...vault, keys: move.to, probes: move.probes, move: switched },
      actor: ACTOR,
      action: 'move.switched',
      details: { moveId, snapshots, objects },
      also: [],
      result: undefined,
    };
  });
}

async function record({ services, moved }: Work, object: MovedObject): Promise<void> {
  await services.ledger.write([{ record: object, expect: 'absent' }]);
  moved.set(object.key, object);
}

/** Waits for all, so that nothing goes on behind a failure. @throws the first failure. */
async function allOf<Result>(promises: readonly Promise<Result>[]): Promise<Result[]> {
  const outcomes = await Promise.allSettled(promises);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') {
      throw outcome.reason;
    }
    return outcome.value;
  });
}

function afterMinutes(now: Date, minutes: number): string {
  return new Date(now.getTime() + minutes * 60_000).toISOString();
}
