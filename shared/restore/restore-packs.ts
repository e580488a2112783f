import type { CopyName } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import type { ManifestRecord } from '../format/manifest-record.ts';
import { packKey, sealKey } from '../format/object-keys.ts';
import { damaged } from '../format/origin.ts';
import { readPack } from '../format/pack-reader.ts';
import type { Seal, SealedPack } from '../format/seal.ts';
import { VerifiedRecord } from '../format/verified-record.ts';
import { openForRecords, type SnapshotAccess } from '../snapshot/snapshot-access.ts';
import { RecordWriter } from './record-writer.ts';
import type { Restored, RestoreWish } from './restore-wish.ts';

/**
 * Packs read at once. While one waits for the network, its key or the target's disk, another one is
 * decrypted. Each takes about 8 MiB of memory, and S3 gives a single stream some 80 MiB/s.
 */
const PACKS_AT_ONCE = 3;

/** Records still to be written, by the names they have in their pack. */
type Wanted = Map<string, ManifestRecord>;

/** Restores chosen records of one snapshot, pack by pack. */
export class PackRestorer {
  readonly #access: SnapshotAccess;
  readonly #seal: Seal;
  readonly #packs: ReadonlyMap<string, SealedPack>;
  readonly #wish: RestoreWish;
  #done: Restored = { records: 0, bytes: 0 };

  constructor(access: SnapshotAccess, seal: Seal, wish: RestoreWish) {
    this.#access = access;
    this.#seal = seal;
    this.#packs = new Map(seal.packs.map((pack) => [pack.packId, pack]));
    this.#wish = wish;
  }

  /** What has been written so far. */
  get done(): Restored {
    return this.#done;
  }

  /**
   * Restores these records and reads each of their packs once.
   * @throws HoldfastError as `restoreSnapshot` does. Nothing is written any more then.
   */
  async restore(records: readonly ManifestRecord[]): Promise<void> {
    const groups = Map.groupBy(records, (record) => record.pack).entries();
    let failure: { error: unknown } | undefined;
    const takeTurns = async (): Promise<void> => {
      for (const [packId, group] of groups) {
        if (failure !== undefined) {
          return;
        }
        const wanted = new Map(group.map((record) => [record.entry ?? record.path, record]));
        await this.#restorePack(packId, wanted).catch((error: unknown) => {
          failure ??= { error };
        });
      }
    };
    await Promise.all(Array.from({ length: PACKS_AT_ONCE }, takeTurns));
    if (failure !== undefined) {
      throw failure.error;
    }
  }

  /** Tries the copies in turn; `wanted` keeps what is still to be written. */
  async #restorePack(packId: string, wanted: Wanted): Promise<void> {
    const { choice } = this.#access;
    const order = choice.order();
    for (const copy of order) {
      const writer = new RecordWriter(this.#wish, (record) => {
        wanted.delete(record.entry ?? record.path);
        this.#count(record);
      });
      try {
        await this.#restoreFrom(copy, packId, wanted, writer);
        return;
      } catch (error) {
        // The target's own failure is final, whichever copy the record came from.
        await writer.settle();
        choice.passOver(copy, order, error);
      }
    }
  }

  async #restoreFrom(
    copy: CopyName,
    packId: string,
    wanted: Wanted,
    writer: RecordWriter,
  ): Promise<void> {
    const { vaultId } = this.#seal;
    const pack = this.#requirePack(copy, packId);
    const stored: StoredObject = { ...pack, key: packKey(vaultId, packId) };
    const origin = { copy, object: stored.key };
    // A pack keeps the name of the snapshot whose run wrote it (format.md 3.5).
    const identity = { vaultId, snapshotId: pack.snapshotId, object: `pack/${packId}` } as const;
    const left = new Set(wanted.keys());
    const plaintext = openForRecords(this.#access, copy, stored, identity);
    for await (const packed of readPack(plaintext, origin)) {
      if (left.size === 0) {
        // Only what nobody asked for is left.
        break;
      }
      const record = left.delete(packed.name) ? wanted.get(packed.name) : undefined;
      if (record !== undefined) {
        await writer.write(new VerifiedRecord(record, packed, origin));
      }
    }
    await writer.settle();
    if (left.size > 0) {
      throw damaged(origin, 'incomplete: a record that the manifest names is not in it');
    }
  }

  #requirePack(copy: CopyName, packId: string): SealedPack {
    const pack = this.#packs.get(packId);
    if (pack === undefined) {
      const origin = { copy, object: sealKey(this.#seal.vaultId, this.#seal.snapshotId) };
      throw damaged(origin, 'incomplete: it names a pack that the seal does not list');
    }
    return pack;
  }

  #count({ size }: ManifestRecord): void {
    this.#done = { records: this.#done.records + 1, bytes: this.#done.bytes + size };
    this.#wish.onProgress?.(this.#done);
  }
}
