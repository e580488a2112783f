import type { PerCopy } from '../domain/copy-name.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { LedgerRecord, Pack, Snapshot } from '../domain/records.ts';
import type { ManifestPart } from '../domain/run-records.ts';
import { manifestPart, packKey } from '../format/object-keys.ts';
import type { Seal } from '../format/seal.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { unsettledBy } from '../retention/unsettled-by.ts';
import type { ReadSeal } from './find-seals.ts';

/** @returns the packs and manifest parts a seal names that the ledger does not have. */
export async function missingObjects(
  { ledger }: Pick<Services, 'ledger'>,
  { seal }: ReadSeal,
  known: ReadonlySet<string>,
): Promise<(Pack | ManifestPart)[]> {
  const { vaultId, snapshotId } = seal;
  const packs = packsOf(seal).filter(({ packId }) => !known.has(packId));
  const parts: ManifestPart[] = [];
  for (const manifest of seal.manifests) {
    const part = manifestPart(manifest.key);
    if ((await ledger.get('manifest-part', vaultId, snapshotId, part)) === undefined) {
      const lost = { runId: snapshotId, content: null };
      parts.push({ kind: 'manifest-part', vaultId, snapshotId, part, ...lost, ...manifest });
    }
  }
  return [...packs, ...parts];
}

/** @returns the packs that a seal names, as far as it knows them. */
export function packsOf({ vaultId, snapshotId, createdAt, lockedUntil, packs }: Seal): Pack[] {
  return packs.map((sealed): Pack => {
    const key = packKey(vaultId, sealed.packId);
    const { packId, size, sha256, versions, snapshotId: writer } = sealed;
    // Which run it was, no seal says. How long it is locked says only the seal of the snapshot
    // that wrote it; for any other the renewal asks S3, and extends only what falls short.
    const known = { lockedUntil: writer === snapshotId ? lockedUntil : createdAt };
    const lost = { runId: writer, droppedBy: null, life: null };
    const named = { packId, snapshotId: writer, size, sha256, versions };
    return { kind: 'pack', vaultId, key, ...named, ...known, ...lost };
  });
}

/** What the ledger lacks of a snapshot. */
export interface MissingObjects {
  readonly missing: readonly LedgerRecord[];
  /** That it is read with, where they are not the vault's. */
  readonly keys?: PerCopy<string> | undefined;
  readonly hasTime: () => boolean;
}

/**
 * Puts a snapshot back into the ledger: its packs and manifest parts first, then, in one
 * transaction with the vault and an audit entry, itself. Cut off in between it is not there, and
 * the next rebuild goes on. It counts as `single-copy` until the repair has asked both copies.
 *
 * @param objects - what the ledger lacks of it; `hasTime` is asked between 100 of them.
 * @returns how many of them were added; `isWhole` is false when the time was up before the last.
 * @throws HoldfastError `LEDGER_CONFLICT`, `VAULT_UNKNOWN`.
 */
export async function addSnapshot(
  services: Pick<Services, 'ledger' | 'clock'>,
  actor: string,
  { seal, stored }: ReadSeal,
  { missing, keys, hasTime }: MissingObjects,
): Promise<{ readonly objects: number; readonly isWhole: boolean }> {
  for (let start = 0; start < missing.length; start += MAX_LEDGER_WRITES) {
    if (start > 0 && !hasTime()) {
      return { objects: start, isWhole: false };
    }
    const batch = missing.slice(start, start + MAX_LEDGER_WRITES);
    await services.ledger.write(batch.map((record) => ({ record, expect: 'absent' })));
  }
  const { format: _, manifests: _parts, replaces: _before, packs, ...dates } = seal;
  const { vaultId, snapshotId, createdAt } = seal;
  const snapshot: Snapshot = {
    kind: 'snapshot',
    ...dates,
    runId: snapshotId,
    expiredAt: null,
    seal: stored,
    ...(keys === undefined ? {} : { keys }),
    protectionState: 'single-copy',
  };
  await changeVault(services, vaultId, async (vault) => {
    const isLast = vault.lastSnapshotId === null || vault.lastSnapshotId < snapshotId;
    const last = isLast ? { lastSnapshotId: snapshotId, lastSnapshotAt: createdAt } : {};
    return {
      vault: { ...vault, ...last },
      actor,
      action: 'snapshot.rebuilt',
      details: { snapshotId, packs: packs.length },
      also: [
        { record: snapshot, expect: 'absent' as const },
        await unsettledBy(services.ledger, snapshot),
      ],
      result: undefined,
    };
  });
  return { objects: missing.length, isWhole: true };
}
