import { isInAny } from '../domain/copy-name.ts';
import type { Pack } from '../domain/records.ts';
import type { BackupShard, ManifestPart } from '../domain/run-records.ts';
import type { Change, Ledger, Stored } from '../ports/ledger.ts';
import type { StoredRange } from './shard-range.ts';

/** Version of a record once it is announced. */
const ANNOUNCED_VERSION = 1;

/**
 * Numbers for manifest parts that each shard has for itself. At one part per pack of 32 MiB a shard
 * would have to write 30 TiB to run out of them.
 */
const PARTS_PER_SHARD = 1_000_000;

/**
 * Keeps in the ledger how far a shard is. Every object is announced before it can be seen in a copy
 * and confirmed afterwards; so whatever cuts a shard off, its next attempt knows which objects
 * there may be, and finds them by their SHA-256.
 *
 * Each write names the shard's version, so that an attempt that was overtaken by the next one of
 * the same shard ends with `LEDGER_CONFLICT`.
 */
export class ShardLog {
  readonly #ledger: Ledger;
  #shard: BackupShard;
  #version: number;

  constructor(ledger: Ledger, { record, version }: Stored<'shard'>) {
    this.#ledger = ledger;
    this.#shard = record;
    this.#version = version;
  }

  get shard(): BackupShard {
    return this.#shard;
  }

  /** Number for the next manifest part. They ascend from shard to shard (format.md 4.6). */
  get nextPart(): number {
    return this.#firstPart + this.#shard.nextPart;
  }

  /** Announces a manifest part and, when there is one, the pack closed with it. */
  async announce(part: ManifestPart, pack: Pack | undefined): Promise<void> {
    const pending = { part: part.part, packId: pack?.packId ?? null };
    await this.#write([...(pack === undefined ? [] : [pack]), part], 'absent', { pending });
  }

  /** Confirms what was announced. */
  async confirm(part: ManifestPart, pack: Pack | undefined): Promise<void> {
    const records = [...(pack === undefined ? [] : [pack]), part];
    await this.#write(records, ANNOUNCED_VERSION, this.#nextNumber());
  }

  /** What was announced last is nowhere to be found: it was not written. */
  async forget(): Promise<void> {
    await this.#write([], 'absent', this.#nextNumber());
  }

  /**
   * All records of the shard's range are done.
   * @param range - of which that is true, when it is another one now. @default it is not
   */
  async finish(range?: StoredRange): Promise<void> {
    await this.#write([], 'absent', { ...range, isDone: true });
  }

  /** @returns the shard as it is now. */
  stored(): Stored<'shard'> {
    return { record: this.#shard, version: this.#version };
  }

  /** @returns the last of this shard's parts that is written, `undefined` when none is. */
  async lastPart(): Promise<ManifestPart | undefined> {
    const { vaultId, snapshotId } = this.#shard;
    for (let part = this.nextPart - 1; part >= this.#firstPart; part -= 1) {
      const found = await this.#ledger.get('manifest-part', vaultId, snapshotId, part);
      if (found !== undefined && isInAny(found.record)) {
        return found.record;
      }
    }
    return undefined;
  }

  get #firstPart(): number {
    return this.#shard.shard * PARTS_PER_SHARD;
  }

  #nextNumber(): Pick<BackupShard, 'nextPart' | 'pending'> {
    return { nextPart: this.#shard.nextPart + 1, pending: null };
  }

  async #write(
    records: readonly (ManifestPart | Pack)[],
    expect: Change['expect'],
    change: Partial<BackupShard>,
  ): Promise<void> {
    const shard = { ...this.#shard, ...change };
    const changes = records.map((record): Change => ({ record, expect }));
    await this.#ledger.write([...changes, { record: shard, expect: this.#version }]);
    this.#shard = shard;
    this.#version += 1;
  }
}
