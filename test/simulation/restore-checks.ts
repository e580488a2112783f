import { createHash } from 'node:crypto';
import { COPY_NAMES, type CopyName } from '../../shared/domain/copy-name.ts';
import type { Snapshot } from '../../shared/domain/records.ts';
import { planFor } from '../../shared/restore/restore-plan.ts';
import { restoreSnapshot } from '../../shared/restore/restore-snapshot.ts';
import { CopyChoice } from '../../shared/snapshot/copy-choice.ts';
import { readRecords } from '../../shared/snapshot/read-records.ts';
import { readSeal } from '../../shared/snapshot/read-seal.ts';
import { MemoryTarget } from '../support/memory-target.ts';
import { objectsOf, Violation } from './check-copies.ts';
import type { Birth, PlacedRecord, SimulatedVault } from './simulated-vault.ts';
import type { SimulatedWorld } from './simulated-world.ts';

/**
 * Restores snapshots and compares every byte. Restoring is decided by the bytes of seal, manifest
 * and packs alone; so a pack that was restored once need only be compared by its ciphertext's
 * SHA-256 when it is met again, in either copy. At its birth a snapshot's own packs are restored,
 * and all others compared; whole restores are made beside that.
 */
export class RestoreChecks {
  /** Restores of some or all records, and objects whose ciphertext was compared. */
  restores = 0;
  compared = 0;
  readonly #world: SimulatedWorld;
  readonly #restoredPacks = new Set<string>();

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  /** Reads a snapshot that was just committed, and restores what its run has written. */
  async atBirth(vault: SimulatedVault, snapshot: Snapshot, from: CopyName): Promise<Birth> {
    const { services } = this.#world;
    const choice = new CopyChoice(from);
    const seal = await readSeal({ services, choice }, { ...snapshot });
    const content = vault.content();
    const placed: PlacedRecord[] = [];
    const access = { services, keys: vault.vault.keys, choice };
    for await (const records of readRecords(access, seal)) {
      for (const { path, size, sha256, pack } of records) {
        require(content.get(path) === sha256, `${path} is another one in the manifest`);
        placed.push({ path, size, pack });
      }
    }
    require(placed.length === content.size, 'the manifest has another number of records');
    const end = Date.parse(snapshot.retainUntil);
    const metAt = services.clock.now().getTime();
    const birth = { snapshot, seal, content, placed, metAt, end };
    const fresh = placed.filter(({ pack }) => !this.#restoredPacks.has(pack));
    if (fresh.length > 0) {
      await this.restore(
        vault,
        birth,
        from,
        fresh.map(({ path }) => path),
      );
    }
    return birth;
  }

  /** Restores a snapshot, or some paths of it, from one copy and compares it with the source. */
  async restore(
    vault: SimulatedVault,
    birth: Birth,
    from: CopyName,
    patterns: readonly string[] = [],
  ): Promise<void> {
    const target = new MemoryTarget();
    const wish = { patterns, from, target, overwrite: false };
    await restoreSnapshot(this.#world.services, planFor(vault.vault, birth.snapshot), wish);
    const wanted = patterns.length === 0 ? [...birth.content.keys()] : patterns;
    require(target.files.size === wanted.length, 'a restore has given another number of records');
    for (const path of wanted) {
      const bytes = target.files.get(path)?.bytes ?? Buffer.alloc(0);
      require(sha256Of(bytes) === birth.content.get(path), `${path} was restored differently`);
    }
    this.restores += 1;
    for (const { pack, path } of birth.placed) {
      if (patterns.length === 0 || patterns.includes(path)) {
        this.#restoredPacks.add(pack);
      }
    }
  }

  /** Compares all that a snapshot consists of in some copies, byte for byte, with its seal. */
  async compare(
    { vaultId }: SimulatedVault,
    birth: Birth,
    copies: readonly CopyName[] = COPY_NAMES,
  ): Promise<void> {
    const unknown = birth.seal.packs.find(({ packId }) => !this.#restoredPacks.has(packId));
    require(unknown === undefined, `pack ${unknown?.packId} was never restored`);
    for (const copy of copies) {
      for (const { key, sha256 } of objectsOf(vaultId, birth)) {
        require(await this.#has(copy, key, sha256), `${key} in ${copy} has other bytes`);
        this.compared += 1;
      }
    }
  }

  async #has(copy: CopyName, key: string, sha256: string): Promise<boolean> {
    const from = this.#world.memory.copies[copy];
    for await (const { versionId } of from.list(key)) {
      const hash = createHash('sha256');
      for await (const chunk of (await from.read(key, versionId)) as AsyncIterable<Buffer>) {
        hash.update(chunk);
      }
      if (hash.digest('hex') === sha256) {
        return true;
      }
    }
    return false;
  }
}

function require(holds: boolean, problem: string): void {
  if (!holds) {
    throw new Violation(problem);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
