import type { RebuiltVault } from '../admin-api/rebuild-answers.ts';
import { tierOf } from '../domain/key-tier.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import { findOpenErasure } from '../erasure/find-erasure.ts';
import { holdAgain, isHeldAsWhole } from '../holds/hold-again.ts';
import type { Services } from '../ports/services.ts';
import { findTombstone } from '../tombstone/find-tombstone.ts';
import { addSnapshots } from './add-snapshots.ts';
import { adoptSeals } from './adopt-seals.ts';
import { createVault, type VaultBasis, whyNot } from './create-vault.ts';
import { findHeld } from './find-held.ts';
import { type FoundMove, findBegunMove, findMove, mayBeMoving } from './find-move.ts';
import { findSeals, type ReadSeal, readFoundSeal } from './find-seals.ts';
import type { RebuildWish, VaultFindings } from './rebuild-wish.ts';
import { recordMove } from './record-move.ts';

export type RebuildServices = Pick<
  Services,
  'ledger' | 'clock' | 'ids' | 'copies' | 'custody' | 'installation' | 'pipeline' | 'telemetry'
>;

/** What became of a vault; `isDone` is false when the time was up. */
interface Outcome {
  readonly vault: RebuiltVault;
  readonly isDone: boolean;
}

/**
 * Brings into the ledger what one copy shows of a vault and the ledger does not have. Nothing that
 * the ledger has is changed, but for what a move to other keys that it does not know has put in its
 * place: that a vault of an older ledger was erased since, the daily comparison
 * with the tombstones tells it. A vault that has a tombstone comes back as ERASED, so that what is
 * left of its ciphertext goes. Its course:
 *
 * 1. list the seals in the copy, and find out which of them the ledger does not have
 * 2. ask S3 whether one of them is under a legal hold that the ledger does not know of
 * 3. make the vault, when the ledger does not know it, together with that hold; hold it again, when
 *    the ledger does
 * 4. let the ledger catch up with a move that the seals tell of
 * 5. add what is missing, snapshot by snapshot
 * 6. look for a move of which no seal tells yet
 *
 * Cut off anywhere, calling it again goes on; nothing is added to a vault that is not held as it is
 * to be.
 *
 * @returns `isDone` is false when the time was up: calling again goes on.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function rebuildVault(
  services: RebuildServices,
  wish: RebuildWish,
  vaultId: string,
): Promise<Outcome> {
  const known = (await services.ledger.get('vault', vaultId))?.record;
  const tombstone = await findTombstone(services, vaultId);
  if (known !== undefined && (tombstone !== undefined || known.state === 'ERASED')) {
    return done(vaultId, { outcome: 'erased' });
  }
  if (known !== undefined && isBackedUpNow(services, known)) {
    return done(vaultId, { outcome: 'left-out', why: 'a backup is under way' });
  }
  const findings = await lookAt(services, wish, vaultId);
  const isHeld = await findHeld(services, wish, findings);
  const move =
    tombstone === undefined ? await seenMove(services, wish, findings, known) : undefined;
  if (known === undefined) {
    const missed = await makeAgain(services, wish, findings, { tombstone, move, isHeld });
    if (missed !== null) {
      return missed;
    }
  } else if (isHeld && !wish.dryRun) {
    await holdAgain(services, wish.actor, vaultId);
  }
  const caught = await catchUp(services, wish, findings, known, move);
  if (caught.why !== null) {
    return done(vaultId, { outcome: 'left-out', why: caught.why });
  }
  const added = await addSnapshots(services, wish, findings, move);
  const { objects, unreadable } = added;
  const snapshots = added.snapshots + caught.snapshots;
  const isDone =
    caught.isDone && added.isDone && (await goOnWithMove(services, wish, vaultId, snapshots));
  const changed = snapshots > 0 ? ('completed' as const) : ('unchanged' as const);
  const rebuilt = tombstone ? ('erased' as const) : ('rebuilt' as const);
  const outcome = known === undefined ? rebuilt : changed;
  const held = isHeld || (await isHeldAsWhole(services, vaultId));
  const counts = { snapshots, objects, unreadable, held };
  return { vault: { ...NOTHING, vaultId, outcome, ...counts }, isDone };
}

const NOTHING = { why: null, snapshots: 0, objects: 0, unreadable: [], held: false };

function done(
  vaultId: string,
  found: Partial<RebuiltVault> & Pick<RebuiltVault, 'outcome'>,
): Outcome {
  return { vault: { ...NOTHING, vaultId, ...found }, isDone: true };
}

function isBackedUpNow({ clock }: RebuildServices, { activeRun }: Vault): boolean {
  return activeRun !== null && new Date(activeRun.until) > clock.now();
}

/** Step 1. */
async function lookAt(
  { ledger, copies }: RebuildServices,
  { from }: RebuildWish,
  vaultId: string,
): Promise<VaultFindings> {
  const found = await Array.fromAsync(findSeals(copies[from], vaultId));
  const recorded = new Map<string, Snapshot>();
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    recorded.set(record.snapshotId, record);
  }
  return { vaultId, found, recorded };
}

/**
 * Step 3.
 * @returns `null` when the vault is there now, or would be.
 */
async function makeAgain(
  services: RebuildServices,
  { actor, from, dryRun }: RebuildWish,
  { vaultId, found }: VaultFindings,
  { tombstone, move, isHeld }: Pick<VaultBasis, 'tombstone' | 'move' | 'isHeld'>,
): Promise<Outcome | null> {
  const unreadable: string[] = [];
  let newest: ReadSeal | undefined;
  for (const one of found.toReversed()) {
    newest = await readFoundSeal(services.copies[from], vaultId, one);
    if (newest !== undefined) {
      break;
    }
    unreadable.unshift(one.key);
  }
  if (newest === undefined) {
    return withoutSeal(services, { vaultId, unreadable, tombstone });
  }
  const basis = { actor, from, dryRun, newest: newest.seal, tombstone, move, isHeld };
  const why = await createVault(services, vaultId, basis);
  return why === null ? null : done(vaultId, { outcome: 'left-out', why, unreadable });
}

/** Of a vault whose ciphertext is gone nothing is to be brought back: it stays erased. */
async function withoutSeal(
  services: RebuildServices,
  {
    vaultId,
    unreadable,
    tombstone,
  }: Pick<RebuiltVault, 'vaultId' | 'unreadable'> & Pick<VaultBasis, 'tombstone'>,
): Promise<Outcome> {
  if (tombstone === undefined || unreadable.length > 0) {
    const why = 'this copy has no snapshot of it that can be read';
    return done(vaultId, { outcome: 'left-out', why, unreadable });
  }
  const why = await whyNot(services, tombstone.keys, true);
  return done(vaultId, why === null ? { outcome: 'erased' } : { outcome: 'left-out', why });
}

/** A vault that has its new keys already was moved, whatever is left of the old ones. */
async function seenMove(
  services: RebuildServices,
  wish: RebuildWish,
  findings: VaultFindings,
  known: Vault | undefined,
): Promise<FoundMove | undefined> {
  const found = await findMove(services, wish, findings);
  const isMoved = known !== undefined && tierOf(known.keys) === 'dedicated';
  return found && { ...found, isOver: found.isOver || isMoved };
}

/** Step 4. @returns how many snapshots were changed; `why` says what keeps it from being done. */
async function catchUp(
  services: RebuildServices,
  wish: RebuildWish,
  findings: VaultFindings,
  known: Vault | undefined,
  move: FoundMove | undefined,
): Promise<{ snapshots: number; isDone: boolean; why: string | null }> {
  const nothing = { snapshots: 0, isDone: true, why: null };
  const isTold = known?.move !== undefined && (known.move.state !== 'COPYING' || !move?.isOver);
  if (known === undefined || move === undefined || isTold) {
    return nothing;
  }
  if ((await findOpenErasure(services.ledger, known)) !== undefined) {
    return {
      ...nothing,
      why: 'it was moved to other keys, and an erasure is under way: cancel it',
    };
  }
  const why = await whyNot(services, move.to, false);
  if (why !== null) {
    return { ...nothing, why };
  }
  const adopted = move.isOver
    ? await adoptSeals(services, wish, findings, move.to)
    : { snapshots: 0, isDone: true };
  if (adopted.isDone && !wish.dryRun) {
    await recordMove(services, wish.actor, findings.vaultId, move);
  }
  return { ...adopted, why: null };
}

/** Step 6. @returns `false` when there was no time to look. */
async function goOnWithMove(
  services: RebuildServices,
  { actor, from, dryRun, hasTime }: RebuildWish,
  vaultId: string,
  snapshots: number,
): Promise<boolean> {
  const vault = (await services.ledger.get('vault', vaultId))?.record;
  if (dryRun || vault === undefined || !(await mayBeMoving(services, vault))) {
    return true;
  }
  // A call that has added nothing looks in any case, or a slow copy would never be looked through.
  if (snapshots > 0 && !hasTime()) {
    return false;
  }
  const move = await findBegunMove(services, from, vault);
  if (move !== undefined) {
    await recordMove(services, actor, vaultId, move);
  }
  return true;
}
