import type { CommitPushBody } from '../admin-api/messages.ts';
import { commitSnapshot } from '../backup/commit-snapshot.ts';
import type { RunAddress } from '../backup/find-run.ts';
import { snapshotOf } from '../backup/seal-snapshot.ts';
import { METRICS } from '../config/metric-names.ts';
import { COPY_NAMES, isInBoth } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { Pack, Snapshot, StoredObject } from '../domain/records.ts';
import { fromInstants } from '../domain/snapshot-dates.ts';
import { manifestKey, sealKey } from '../format/object-keys.ts';
import type { Seal, SealedPack } from '../format/seal.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { findSnapshot, requireSnapshot } from '../registry/find-snapshot.ts';
import { requireVault } from '../registry/find-vault.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { readSeal, type SealLocation } from '../snapshot/read-seal.ts';
import { examineWritten, refuse, requireLockedSomewhere } from './examine-written.ts';
import { recordParts } from './record-parts.ts';
import { carriedLockOf, type PushRun, requirePush, requireUnderWay } from './require-push.ts';

type CommittingServices = Pick<Services, 'ledger' | 'clock' | 'copies' | 'telemetry'>;

/** Objects asked for at once. */
const AT_ONCE = 16;

/**
 * Makes the snapshot of a push visible. Its course:
 *
 * 1. read the seal from every copy that has it: it must be what the caller says it is
 * 2. compare it with what was promised when the push began: vault, snapshot, dates
 * 3. examine seal and manifest parts in those copies
 * 4. compare every pack it names with the ledger, which knows only packs that were examined; each
 *    must be locked as long as the snapshot
 * 5. commit, as a run of the pipeline does; as `single-copy` when a copy did not take all
 *
 * What the packs and the manifest contain cannot be looked at: this function has no key.
 *
 * @returns the snapshot; when it was committed before, the same one.
 * @throws HoldfastError `PUSH_REFUSED`, `OBJECT_MISSING` or `OBJECT_DAMAGED` for something that is
 * not as it should be; as `requirePush`, `requireUnderWay` and `commitSnapshot` do. Nothing is
 * committed then.
 */
export async function commitPush(
  services: CommittingServices,
  actor: string,
  address: RunAddress,
  body: CommitPushBody,
): Promise<Snapshot> {
  const { vaultId } = address;
  const { record: run } = await requirePush(services.ledger, address);
  if (run.snapshotId !== null) {
    return requireSnapshot(services.ledger, vaultId, run.snapshotId);
  }
  const { record: vault } = await requireVault(services.ledger, vaultId);
  requireUnderWay(run, vault);
  const { snapshotId, lockedUntil, previousSnapshotId } = run.push;
  const stored: StoredObject = { key: sealKey(vaultId, snapshotId), ...body.seal };
  const seal = await readSeals(services, { vaultId, snapshotId, seal: stored });
  requirePromised(seal, run, stored.key);
  const objects = [stored, ...seal.manifests];
  const written = { runId: run.runId, lockedUntil: new Date(lockedUntil) };
  for (let start = 0; start < objects.length; start += AT_ONCE) {
    await examineWritten(services, written, objects.slice(start, start + AT_ONCE));
  }
  const packsInBoth = await requireKnownPacks(services, seal, run);
  const { manifests, counts } = seal;
  await recordParts(services, run, manifests);
  const draft = { vaultId, snapshotId, runId: run.runId, ...fromInstants(run.push) };
  const snapshot = snapshotOf(draft, { seal: stored, counts, manifests }, packsInBoth);
  const previous = await findSnapshot(services.ledger, vaultId, previousSnapshotId);
  const policy = await policyOf(services.ledger, vault);
  const committed = await commitSnapshot(services, { vault, policy, previous }, snapshot, actor);
  if (committed !== null) {
    report(services, committed);
  }
  return committed ?? requireSnapshot(services.ledger, vaultId, snapshotId);
}

/** The copies must have the same seal: its bytes are compared with their SHA-256 in each. */
async function readSeals(
  services: Pick<Services, 'copies'>,
  location: SealLocation,
): Promise<Seal> {
  const { versions } = location.seal;
  const [seal] = await Promise.all(
    COPY_NAMES.filter((copy) => versions[copy] !== null).map((copy) =>
      readSeal({ services, choice: new CopyChoice(copy) }, location),
    ),
  );
  if (seal === undefined) {
    throw new HoldfastError('INPUT_INVALID', { problems: 'the seal names no copy' });
  }
  return seal;
}

function requirePromised(seal: Seal, { runId, vaultId, push }: PushRun, key: string): void {
  const sameDates =
    seal.policyId === push.policyId &&
    seal.policyVersion === push.policyVersion &&
    seal.createdAt === push.createdAt &&
    seal.tiers.join() === push.tiers.join() &&
    seal.retainUntil === push.retainUntil &&
    seal.lockedUntil === push.lockedUntil;
  if (!sameDates) {
    refuse(runId, key, 'has other dates than were promised');
  }
  if (seal.manifests.length === 0) {
    refuse(runId, key, 'names no manifest');
  }
  seal.manifests.forEach((manifest, part) => {
    if (manifest.key !== manifestKey(vaultId, push.snapshotId, part)) {
      refuse(runId, key, 'names a manifest that is not its own');
    }
  });
  const packBytes = seal.packs.reduce((sum, pack) => sum + pack.size, 0);
  if (seal.counts.packs !== seal.packs.length || seal.counts.packBytes !== packBytes) {
    refuse(runId, key, 'counts its packs wrongly');
  }
}

/** @returns whether all packs are in both copies, and locked there for long enough. */
async function requireKnownPacks(
  services: CommittingServices,
  seal: Seal,
  run: PushRun,
): Promise<boolean> {
  const { vaultId, runId } = run;
  const { needed: lockedUntil } = await carriedLockOf(services.ledger, run);
  const needed = { runId, lockedUntil };
  const named = new Map(seal.packs.map((pack) => [pack.packId, pack]));
  let inBoth = true;
  for await (const { record } of services.ledger.list('pack', { vaultId })) {
    const pack = named.get(record.packId);
    if (pack === undefined) {
      continue;
    }
    named.delete(record.packId);
    if (!isSame(pack, record)) {
      refuse(runId, record.key, 'is sealed otherwise than it was recorded');
    }
    const isLocked = new Date(record.lockedUntil) >= lockedUntil;
    if (!isLocked) {
      await requireLockedSomewhere(services, needed, record);
    }
    inBoth &&= isLocked && isInBoth(record);
  }
  for (const packId of named.keys()) {
    refuse(runId, `pack ${packId}`, 'is not a recorded pack of this vault');
  }
  return inBoth;
}

/** A repair may have put a pack since into the copy that did not have it. */
function isSame(sealed: SealedPack, recorded: Pack): boolean {
  return (
    sealed.snapshotId === recorded.snapshotId &&
    sealed.size === recorded.size &&
    sealed.sha256 === recorded.sha256 &&
    COPY_NAMES.every(
      (copy) => (sealed.versions[copy] ?? recorded.versions[copy]) === recorded.versions[copy],
    )
  );
}

/** Counts and durations only. */
function report({ clock, telemetry }: CommittingServices, snapshot: Snapshot): void {
  const { vaultId, snapshotId, runId, createdAt } = snapshot;
  const { skippedBy: _, ...counts } = snapshot.counts;
  const durationMs = clock.now().getTime() - new Date(createdAt).getTime();
  telemetry.event('push.committed', { vaultId, snapshotId, runId, durationMs, ...counts });
  telemetry.measure(METRICS.backupSucceeded, 1);
}
