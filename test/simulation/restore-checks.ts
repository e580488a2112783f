import { createHash } from 'node:crypto';
import type { CopyName, PerCopy } from '../../shared/domain/copy-name.ts';
import type { Snapshot, StoredObject } from '../../shared/domain/records.ts';
import { manifestPart, packKey } from '../../shared/format/object-keys.ts';
import type { Seal } from '../../shared/format/seal.ts';
import { planFor } from '../../shared/restore/restore-plan.ts';
import { restoreSnapshot } from '../../shared/restore/restore-snapshot.ts';
import { CopyChoice } from '../../shared/snapshot/copy-choice.ts';
import { findVersion } from '../../shared/snapshot/find-version.ts';
import { readRecords } from '../../shared/snapshot/read-records.ts';
import { readSeal } from '../../shared/snapshot/read-seal.ts';
import { MemoryTarget } from '../support/memory-target.ts';
import { Violation } from './check-copies.ts';
import type { Birth, BirthObject, PlacedRecord, SimulatedVault } from './simulated-vault.ts';
import type { SimulatedWorld } from './simulated-world.ts';

/**
 * Checks that every kept snapshot restores from either copy, each day.
 *
 * What a restore from one copy gives is decided by the ledger's record of the snapshot, the bytes
 * of its seal, manifest and packs in that copy, and the key of that Region. So each object is read
 * through each copy's key once, when it is new there: seal and manifest are decrypted, and of each
 * pack the records are restored and compared with the source. From then on it is proven for that
 * copy, by its SHA-256. The daily check asks, for every kept snapshot, whether the ledger has it,
 * and whether the versions that the ledger names lie in the copy with bytes of that SHA-256: then a
 * restore today would give what it gave when it was proven. Whole restores at random, beside that,
 * show that the keys still open.
 */
export class RestoreChecks {
  /** Restores of some or all records, and objects whose ciphertext was compared. */
  restores = 0;
  compared = 0;
  readonly #world: SimulatedWorld;
  /** SHA-256 by key of what was read through each copy's key. */
  readonly #proven: PerCopy<Map<string, string>> = { primary: new Map(), secondary: new Map() };

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  /** Reads a snapshot that was just committed, and restores what its run has written. */
  async atBirth(vault: SimulatedVault, snapshot: Snapshot, from: CopyName): Promise<Birth> {
    const content = vault.content();
    const { seal, placed } = await this.#read(vault, snapshot, content, from);
    const end = Date.parse(snapshot.retainUntil);
    const metAt = this.#world.services.clock.now().getTime();
    const objects = objectsOf(snapshot, seal);
    const birth = { snapshot, seal, objects, content, placed, metAt, end };
    await this.#restoreUnproven(vault, birth, from);
    return birth;
  }

  /**
   * Checks everything that is kept of a vault, against what the ledger says today.
   * @param settled - copies that neither are down nor wait for what they have missed.
   */
  async checkVault(vault: SimulatedVault, settled: readonly CopyName[]): Promise<void> {
    // One that was the last of its vault this morning may have ended since.
    const now = this.#world.memory.clock.now().getTime();
    const kept = vault.births.filter((birth) => vault.endOf(birth, now) > now);
    if (kept.length === 0) {
      return;
    }
    const listed = await this.#listed(vault);
    for (const copy of settled) {
      const checked = new Set<string>();
      for (const birth of kept) {
        for (const object of birth.objects) {
          if (!checked.has(object.key)) {
            checked.add(object.key);
            await this.#checkObject(vault, birth, copy, object, listed.get(object.key));
          }
        }
      }
    }
  }

  /** Restores a snapshot, or some paths of it, from one copy and compares it with the source. */
  async restore(
    vault: SimulatedVault,
    birth: Birth,
    from: CopyName,
    patterns: readonly string[] = [],
  ): Promise<void> {
    const { services } = this.#world;
    const { vaultId, snapshotId } = birth.snapshot;
    const snapshot = await services.ledger.get('snapshot', vaultId, snapshotId);
    require(snapshot !== undefined, `the ledger has no snapshot ${snapshotId}`);
    const target = new MemoryTarget();
    const wish = { patterns, from, target, overwrite: false };
    const plan = planFor(vault.vault, (snapshot as NonNullable<typeof snapshot>).record);
    await restoreSnapshot(services, plan, wish);
    const wanted = patterns.length === 0 ? [...birth.content.keys()] : patterns;
    require(target.files.size === wanted.length, 'a restore has given another number of records');
    for (const path of wanted) {
      const bytes = target.files.get(path)?.bytes ?? Buffer.alloc(0);
      require(sha256Of(bytes) === birth.content.get(path), `${path} was restored differently`);
    }
    this.restores += 1;
  }

  /** Every object of the vault that the ledger has, by its key. All that is kept must be there. */
  async #listed({ vaultId, births }: SimulatedVault): Promise<Map<string, StoredObject>> {
    const ledger = this.#world.ledger();
    const kept = new Set(births.map(({ snapshot }) => snapshot.snapshotId));
    const now = this.#world.memory.clock.now().toISOString();
    const listed = new Map<string, StoredObject>();
    for await (const { record } of ledger.list('snapshot', { vaultId })) {
      const { snapshotId, expiredAt, retainUntil, seal } = record;
      const isListed = expiredAt === null && retainUntil > now;
      require(kept.has(snapshotId) || !isListed, `nobody knows of snapshot ${snapshotId}`);
      if (expiredAt === null) {
        listed.set(seal.key, seal);
      }
    }
    for (const { snapshot, seal } of births) {
      for (const { key } of seal.manifests) {
        const id = [vaultId, snapshot.snapshotId, manifestPart(key)] as const;
        const part = await ledger.get('manifest-part', ...id);
        if (part !== undefined) {
          listed.set(key, part.record);
        }
      }
    }
    for await (const { record } of ledger.list('pack', { vaultId })) {
      listed.set(record.key, record);
    }
    return listed;
  }

  async #checkObject(
    vault: SimulatedVault,
    birth: Birth,
    copy: CopyName,
    { key, sha256 }: BirthObject,
    stored: StoredObject | undefined,
  ): Promise<void> {
    const from = this.#world.memory.copies[copy];
    require(stored !== undefined, `${key}, which a kept snapshot needs, is not in the ledger`);
    const object = stored as StoredObject;
    // What a repair has put there is found as a restore finds it.
    const version = object.versions[copy] ?? (await findVersion(from, object)) ?? '';
    require(from.digestOf(key, version) === sha256, `${key} in ${copy} is not what was restored`);
    this.compared += 1;
    if (this.#proven[copy].get(key) !== sha256) {
      await this.#read(vault, birth.snapshot, birth.content, copy);
      await this.#restoreUnproven(vault, birth, copy);
    }
  }

  /** Reads seal and manifest through one copy's key and compares them with the source. */
  async #read(
    { vault }: SimulatedVault,
    snapshot: Snapshot,
    content: ReadonlyMap<string, string>,
    from: CopyName,
  ): Promise<{ seal: Seal; placed: PlacedRecord[] }> {
    const { services } = this.#world;
    const choice = new CopyChoice(from);
    const seal = await readSeal({ services, choice }, { ...snapshot });
    const placed: PlacedRecord[] = [];
    for await (const records of readRecords({ services, keys: vault.keys, choice }, seal)) {
      for (const { path, size, sha256, pack } of records) {
        require(content.get(path) === sha256, `${path} is another one in the manifest`);
        placed.push({ path, size, pack });
      }
    }
    require(placed.length === content.size, 'the manifest has another number of records');
    return { seal, placed };
  }

  /** Restores what lies in packs that were never restored from a copy: then all is proven there. */
  async #restoreUnproven(vault: SimulatedVault, birth: Birth, copy: CopyName): Promise<void> {
    const proven = this.#proven[copy];
    const fresh = birth.placed.filter(({ pack }) => !proven.has(packKey(vault.vaultId, pack)));
    if (fresh.length > 0) {
      const paths = fresh.map(({ path }) => path);
      await this.restore(vault, birth, copy, paths);
    }
    for (const { key, sha256 } of birth.objects) {
      require((proven.get(key) ?? sha256) === sha256, `${key} is another one than before`);
      proven.set(key, sha256);
    }
  }
}

/** @returns every object that a snapshot consists of, its packs first. */
function objectsOf({ vaultId, seal: sealObject }: Snapshot, seal: Seal): BirthObject[] {
  const packs = seal.packs.map(({ packId, size, sha256 }) => ({
    key: packKey(vaultId, packId),
    size,
    sha256,
  }));
  return [...packs, ...seal.manifests, sealObject];
}

function require(holds: boolean, problem: string): void {
  if (!holds) {
    throw new Violation(problem);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
