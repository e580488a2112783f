import { isInAny, isInBoth } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Pack, Snapshot } from '../domain/records.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { snapshotProtection } from '../protection/snapshot-protection.ts';
import { changeVault } from '../registry/change-vault.ts';
import { lockOfRewrite } from '../retention/needed-lock.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal } from '../snapshot/read-seal.ts';
import { repairObject } from './repair-object.ts';

export type RepairServices = Pick<Services, 'clock' | 'copies' | 'ledger' | 'telemetry'>;

/** Milliseconds that a function still has; default: without end. */
export type RemainingMs = () => number;

/** Time to copy one more object of some size and to record it, within what a function has left. */
const STOP_MS = 120_000;

/**
 * Completes a snapshot in the copy that was down when it was taken. Its course:
 *
 * 1. every pack it names: copied where it is missing, its lock extended where it is too short
 * 2. the manifest's parts, then the seal
 * 3. both copies are asked for every object; only when all are there, whole and locked, the
 *    ledger says `protected`
 *
 * Each object is recorded before the next, so that a repair that was cut off goes on where it was.
 *
 * @returns `false` when there was no time left to complete it.
 * @throws HoldfastError `COPY_UNAVAILABLE` while a copy is still down; `COPY_DENIED`,
 * `OBJECT_MISSING`, `OBJECT_DAMAGED`, `LEDGER_CONFLICT`.
 */
export async function repairSnapshot(
  services: RepairServices,
  { record, version }: Stored<'snapshot'>,
  remainingMs: RemainingMs,
): Promise<boolean> {
  const { vaultId, snapshotId } = record;
  const lock = await lockOfRewrite(services, record);
  const snapshot = { ...record, lockedUntil: lock?.toISOString() ?? record.lockedUntil };
  const seal = await readSeal({ services, choice: new CopyChoice('any') }, snapshot);
  const needed = new Set(seal.packs.map(({ packId }) => packId));
  for await (const pack of services.ledger.list('pack', { vaultId: snapshot.vaultId })) {
    if (needed.has(pack.record.packId) && isWanting(pack.record, snapshot)) {
      if (remainingMs() < STOP_MS) {
        return false;
      }
      await repairPack(services, pack, snapshot);
    }
  }
  for await (const part of services.ledger.list('manifest-part', { vaultId, snapshotId })) {
    if (!isInAny(part.record)) {
      continue;
    }
    const record = await repairObject(services.copies, part.record, lockOf(snapshot, BINARY));
    if (!isInBoth(part.record)) {
      await services.ledger.write([{ record, expect: part.version }]);
    }
  }
  const whole: Snapshot = {
    ...snapshot,
    seal: await repairObject(services.copies, snapshot.seal, lockOf(snapshot, 'application/json')),
    protectionState: 'protected',
  };
  await requireProtected(services, whole);
  await recordRepair(services, whole, version);
  return true;
}

const BINARY = 'application/octet-stream';

function lockOf({ lockedUntil }: Snapshot, contentType: string) {
  return { lockedUntil: new Date(lockedUntil), contentType };
}

function isWanting(pack: Pack, snapshot: Snapshot): boolean {
  return !isInBoth(pack) || new Date(pack.lockedUntil) < new Date(snapshot.lockedUntil);
}

/** A pack that is locked for longer, for a later snapshot, keeps that lock in both copies. */
async function repairPack(
  { copies, ledger }: RepairServices,
  { record, version }: Stored<'pack'>,
  snapshot: Snapshot,
): Promise<void> {
  const ends = [record.lockedUntil, snapshot.lockedUntil].map((end) => new Date(end).getTime());
  const lockedUntil = new Date(Math.max(...ends));
  const pack = await repairObject(copies, record, { lockedUntil, contentType: BINARY });
  const repaired = { ...pack, lockedUntil: lockedUntil.toISOString() };
  await ledger.write([{ record: repaired, expect: version }]);
}

/** What was written counts only once both copies have said so themselves. */
async function requireProtected(services: RepairServices, snapshot: Snapshot): Promise<void> {
  const { state } = await snapshotProtection(services, snapshot);
  if (state === 'protected') {
    return;
  }
  const { key: object } = snapshot.seal;
  const copy = 'secondary';
  if (state === 'unknown') {
    throw new HoldfastError('COPY_UNAVAILABLE', { copy, object });
  }
  const problem = `after its repair the snapshot is still ${state}`;
  throw new HoldfastError('OBJECT_DAMAGED', { copy, object, problem });
}

async function recordRepair(
  services: RepairServices,
  snapshot: Snapshot,
  version: number,
): Promise<void> {
  const { vaultId, snapshotId } = snapshot;
  await changeVault(services, vaultId, async (vault) => ({
    vault,
    actor: 'holdfast:repair-copies',
    action: 'snapshot.repaired',
    details: { snapshotId },
    also: [{ record: snapshot, expect: version }],
    result: undefined,
  }));
  services.telemetry.event('snapshot.repaired', { vaultId, snapshotId });
}
