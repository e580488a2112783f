import type { RebuiltVault } from '../admin-api/rebuild-answers.ts';
import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import type { Tombstone } from '../format/tombstone.ts';
import { holdVault } from '../holds/hold-vault.ts';
import { findPolicy } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { findTombstone } from '../tombstone/find-tombstone.ts';
import { addSnapshot, missingObjects } from './add-snapshot.ts';
import { addVault } from './add-vault.ts';
import { findKeys } from './find-keys.ts';
import { findSeals, type ReadSeal, readFoundSeal } from './find-seals.ts';

export type RebuildServices = Pick<
  Services,
  'ledger' | 'clock' | 'ids' | 'copies' | 'custody' | 'installation' | 'pipeline' | 'telemetry'
>;

/** How to rebuild. */
export interface RebuildWish {
  readonly actor: string;
  /** The copy to believe. */
  readonly from: CopyName;
  /** Change nothing, say what would be done. */
  readonly dryRun: boolean;
  /** Asked before each snapshot. */
  readonly hasTime: () => boolean;
}

/** Seals that the ledger lacks, and what could not be read. */
interface Findings {
  readonly seals: ReadSeal[];
  readonly unreadable: string[];
  isHeld: boolean;
}

const NO_PROBES = { primary: '', secondary: '' } as const;

/**
 * Brings into the ledger what one copy shows of a vault and the ledger does not have. Nothing that
 * the ledger has is changed: that a vault of an older ledger was erased since, the daily comparison
 * with the tombstones tells it. A vault that has a tombstone comes back as ERASED, so that what is
 * left of its ciphertext goes.
 *
 * @returns `isDone` is false when the time was up: calling again goes on.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `KEYS_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function rebuildVault(
  services: RebuildServices,
  wish: RebuildWish,
  vaultId: string,
): Promise<{ readonly vault: RebuiltVault; readonly isDone: boolean }> {
  const known = (await services.ledger.get('vault', vaultId))?.record;
  const tombstone = await findTombstone(services, vaultId);
  if (known !== undefined && (tombstone !== undefined || known.state === 'ERASED')) {
    return done(vaultId, { outcome: 'erased' });
  }
  const lease = known?.activeRun ?? null;
  if (lease !== null && new Date(lease.until) > services.clock.now()) {
    return done(vaultId, { outcome: 'left-out', why: 'a backup is under way' });
  }
  const { findings, isWhole } = await findMissing(services, wish, vaultId);
  const { unreadable, isHeld: held } = findings;
  if (known === undefined) {
    const why = await createVault(services, wish, vaultId, findings, tombstone);
    if (why !== null) {
      return done(vaultId, { outcome: 'left-out', why, unreadable });
    }
  }
  const objects = await addAll(services, wish, vaultId, findings);
  if (held && !wish.dryRun && known === undefined) {
    await holdAgain(services, wish, vaultId);
  }
  const snapshots = findings.seals.length;
  const changed = snapshots > 0 ? ('completed' as const) : ('unchanged' as const);
  const rebuilt = tombstone ? ('erased' as const) : ('rebuilt' as const);
  const outcome = known === undefined ? rebuilt : changed;
  const vault: RebuiltVault = {
    ...NOTHING,
    vaultId,
    outcome,
    snapshots,
    objects,
    unreadable,
    held,
  };
  return { vault, isDone: isWhole };
}

const NOTHING = { why: null, snapshots: 0, objects: 0, unreadable: [], held: false };

function done(
  vaultId: string,
  found: Partial<RebuiltVault> & Pick<RebuiltVault, 'outcome'>,
): { vault: RebuiltVault; isDone: true } {
  return { vault: { ...NOTHING, vaultId, ...found }, isDone: true };
}

async function findMissing(
  { ledger, copies }: RebuildServices,
  { from, hasTime }: RebuildWish,
  vaultId: string,
): Promise<{ findings: Findings; isWhole: boolean }> {
  const findings: Findings = { seals: [], unreadable: [], isHeld: false };
  for await (const found of findSeals(copies[from], vaultId)) {
    if ((await ledger.get('snapshot', vaultId, found.snapshotId)) !== undefined) {
      continue;
    }
    // At least one each time, or a slow copy would never be worked through.
    if (findings.seals.length > 0 && !hasTime()) {
      return { findings, isWhole: false };
    }
    const read = await readFoundSeal(copies[from], vaultId, found);
    if (read === undefined) {
      findings.unreadable.push(found.key);
      continue;
    }
    const state = await copies[from].inspect(found.key, read.stored.versions[from] ?? '');
    findings.isHeld ||= state?.legalHold === true;
    findings.seals.push(read);
  }
  return { findings, isWhole: true };
}

/** @returns why it cannot be made; `null` when it is there now. */
async function createVault(
  services: RebuildServices,
  { actor, from, dryRun }: RebuildWish,
  vaultId: string,
  { seals }: Findings,
  tombstone: Tombstone | undefined,
): Promise<string | null> {
  const newest = seals.at(-1)?.seal;
  if (newest === undefined) {
    return 'this copy has no snapshot of it that can be read';
  }
  const { policyId, policyVersion } = newest;
  if ((await findPolicy(services.ledger, newest)) === undefined) {
    return `its policy is not in the ledger: add ${policyId} version ${policyVersion} first`;
  }
  const keys = tombstone?.keys ?? (await findKeys(services.copies[from], services.custody, newest));
  if (keys === undefined) {
    return 'its newest manifest names no key in each of the two Regions';
  }
  const isErased = tombstone !== undefined;
  const wrong = await whyNot(services, keys, isErased);
  if (wrong !== null || dryRun) {
    return wrong;
  }
  const probes = isErased ? NO_PROBES : await services.custody.sealProbes(keys);
  await addVault(services, actor, { vaultId, policyId, policyVersion, keys, probes, isErased });
  return null;
}

/** A tombstone without destroyed keys is no proof of anything, and disabled keys open nothing. */
async function whyNot(
  { custody }: RebuildServices,
  keys: PerCopy<string>,
  isErased: boolean,
): Promise<string | null> {
  const { primary, secondary } = await custody.states(keys);
  const wanted = isErased ? 'Gone' : 'Enabled';
  if (primary.state === wanted && secondary.state === wanted) {
    return null;
  }
  const states = `its keys are ${primary.state} and ${secondary.state}`;
  return isErased ? `it has a tombstone, but ${states}` : `${states}: an erasure was under way`;
}

/** @returns how many packs and manifest parts were added. */
async function addAll(
  services: RebuildServices,
  { actor, dryRun }: RebuildWish,
  vaultId: string,
  { seals }: Findings,
): Promise<number> {
  const known = new Set<string>();
  for await (const { record } of services.ledger.list('pack', { vaultId })) {
    known.add(record.packId);
  }
  let objects = 0;
  for (const read of seals) {
    const missing = await missingObjects(services, read, known);
    objects += missing.length;
    for (const { packId } of read.seal.packs) {
      known.add(packId);
    }
    if (!dryRun) {
      await addSnapshot(services, actor, read, missing);
    }
  }
  return objects;
}

/** S3 knows that something is held; why, only the lost ledger knew. */
async function holdAgain(
  services: RebuildServices,
  { actor }: RebuildWish,
  vaultId: string,
): Promise<void> {
  await holdVault(services, {
    kind: 'hold',
    vaultId,
    holdId: services.ids.next(),
    scope: { kind: 'vault' },
    reason: "S3's legal hold was found when the ledger was rebuilt",
    reference: 'rebuilt',
    placedBy: actor,
    placedAt: services.clock.now().toISOString(),
    releaseRequest: null,
    releasedBy: null,
    releasedAt: null,
    appliedAt: null,
    liftedAt: null,
  });
}
