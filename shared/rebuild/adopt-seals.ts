import type { PerCopy } from '../domain/copy-name.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { Pack, Snapshot } from '../domain/records.ts';
import { manifestPart } from '../format/object-keys.ts';
import type { Change, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { changePacks } from '../retention/change-packs.ts';
import { packsOf } from './add-snapshot.ts';
import { type ReadSeal, readReplacing } from './find-seals.ts';
import type { RebuildWish, VaultFindings } from './rebuild-wish.ts';

type AdoptingServices = Pick<Services, 'clock' | 'copies' | 'ledger'>;

/**
 * Lets the ledger say of snapshots that it has what a move has made of them since: of each whose
 * seal was replaced, the seal in its place, what that names, and the keys it is read with. They
 * count as `single-copy` until the repair has asked both copies.
 *
 * @returns how many were changed; `isDone` is false when the time was up: calling again goes on.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `LEDGER_CONFLICT`.
 */
export async function adoptSeals(
  services: AdoptingServices,
  { actor, from, dryRun, hasTime }: RebuildWish,
  { vaultId, found, recorded }: VaultFindings,
  keys: PerCopy<string>,
): Promise<{ readonly snapshots: number; readonly isDone: boolean }> {
  let snapshots = 0;
  let packs: Map<string, Stored<'pack'>> | undefined;
  for (const one of found) {
    const snapshot = recorded.get(one.snapshotId);
    if (snapshot === undefined || one.later.length === 0) {
      continue;
    }
    if (snapshots > 0 && !hasTime()) {
      return { snapshots, isDone: false };
    }
    const seals = await readReplacing(services.copies[from], vaultId, one);
    const last = seals.at(-1);
    const isKnown = seals.some(({ stored }) => stored.sha256 === snapshot.seal.sha256);
    if (last === undefined || !isKnown || last.stored.sha256 === snapshot.seal.sha256) {
      continue;
    }
    snapshots += 1;
    if (!dryRun) {
      packs ??= await listPacks(services, vaultId);
      await adoptPacks(services, last, packs);
      await adoptParts(services, last);
      await adoptSnapshot(services, actor, last, keys);
    }
  }
  return { snapshots, isDone: true };
}

async function listPacks(
  { ledger }: AdoptingServices,
  vaultId: string,
): Promise<Map<string, Stored<'pack'>>> {
  const packs = new Map<string, Stored<'pack'>>();
  for await (const stored of ledger.list('pack', { vaultId })) {
    packs.set(stored.record.packId, stored);
  }
  return packs;
}

/** Packs are shared: what one snapshot has changed, the next one finds as it is to be. */
async function adoptPacks(
  { ledger }: AdoptingServices,
  { seal }: ReadSeal,
  packs: Map<string, Stored<'pack'>>,
): Promise<void> {
  const named = new Map(packsOf(seal).map((pack) => [pack.packId, pack]));
  const other = [...named.values()].flatMap(({ packId, sha256 }) => {
    const stored = packs.get(packId);
    packs.delete(packId);
    return stored === undefined || stored.record.sha256 === sha256 ? [] : [stored];
  });
  await changePacks(ledger, other, (pack): Pack => {
    const { size, sha256, versions, lockedUntil } = named.get(pack.packId) ?? pack;
    return { ...pack, size, sha256, versions, lockedUntil };
  });
}

async function adoptParts({ ledger }: AdoptingServices, { seal }: ReadSeal): Promise<void> {
  const { vaultId, snapshotId } = seal;
  const changes: Change[] = [];
  for (const manifest of seal.manifests) {
    const part = manifestPart(manifest.key);
    const stored = await ledger.get('manifest-part', vaultId, snapshotId, part);
    if (stored !== undefined && stored.record.sha256 !== manifest.sha256) {
      changes.push({ record: { ...stored.record, ...manifest }, expect: stored.version });
    }
  }
  for (let start = 0; start < changes.length; start += MAX_LEDGER_WRITES) {
    await ledger.write(changes.slice(start, start + MAX_LEDGER_WRITES));
  }
}

async function adoptSnapshot(
  services: AdoptingServices,
  actor: string,
  { seal, stored: object }: ReadSeal,
  keys: PerCopy<string>,
): Promise<void> {
  const { vaultId, snapshotId, counts, lockedUntil, packs } = seal;
  await changeVault(services, vaultId, async (vault) => {
    const stored = await services.ledger.get('snapshot', vaultId, snapshotId);
    if (stored === undefined || stored.record.seal.sha256 === object.sha256) {
      return null;
    }
    const record: Snapshot = {
      ...stored.record,
      ...{ seal: object, keys, counts, lockedUntil },
      protectionState: 'single-copy',
    };
    return {
      vault,
      actor,
      action: 'snapshot.rebuilt',
      details: { snapshotId, packs: packs.length },
      also: [{ record, expect: stored.version }],
      result: null,
    };
  });
}
