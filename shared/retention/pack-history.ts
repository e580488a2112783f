import type { Pack } from '../domain/records.ts';
import type { PackLife } from '../domain/retention-records.ts';
import type { Ledger } from '../ports/ledger.ts';

/** What is news about a pack. */
export type PackNews = Pick<Pack, 'droppedBy' | 'life'>;

/** A pack as the snapshots that were looked at have left it. */
interface KnownPack {
  readonly writer: string;
  droppedBy: string | null;
  life: PackLife | null;
}

/**
 * Goes with a vault's packs from snapshot to snapshot. Few fields of each are held: of 100,000
 * packs about 30 MB.
 */
export class PackHistory {
  readonly #packs: ReadonlyMap<string, KnownPack>;
  #news = new Map<string, PackNews>();

  private constructor(packs: ReadonlyMap<string, KnownPack>) {
    this.#packs = packs;
  }

  /**
   * Begins with what the ledger has of the packs.
   * @throws HoldfastError `LEDGER_UNAVAILABLE`.
   */
  static async read(ledger: Ledger, vaultId: string): Promise<PackHistory> {
    const packs = new Map<string, KnownPack>();
    for await (const { record } of ledger.list('pack', { vaultId })) {
      const { packId, snapshotId: writer, droppedBy, life } = record;
      packs.set(packId, { writer, droppedBy, life });
    }
    return new PackHistory(packs);
  }

  /**
   * Takes a snapshot into account; to be called with ascending ids.
   * @param needs - the packs it names, and how many plaintext bytes it needs of each.
   */
  add(snapshotId: string, needs: ReadonlyMap<string, number>): void {
    for (const [packId, pack] of this.#packs) {
      const { droppedBy } = pack;
      const isDropped = droppedBy !== null;
      if (pack.writer > snapshotId || (isDropped && droppedBy > snapshotId)) {
        continue;
      }
      const liveBytes = needs.get(packId);
      if (liveBytes === undefined && !isDropped) {
        pack.droppedBy = snapshotId;
      } else if (liveBytes !== undefined && (isDropped || pack.life?.liveBytes !== liveBytes)) {
        pack.droppedBy = null;
        pack.life = afterSnapshot(pack.life, snapshotId, liveBytes);
      } else {
        continue;
      }
      this.#news.set(packId, { droppedBy: pack.droppedBy, life: pack.life });
    }
  }

  /** @returns by the pack's id what has changed since the last time this was asked. */
  takeNews(): ReadonlyMap<string, PackNews> {
    const news = this.#news;
    this.#news = new Map();
    return news;
  }
}

/**
 * A record that a run did not carry forward never comes back to its pack, unless the ledger was
 * rolled back to before that run: then the next snapshot may need all of the pack again.
 */
function afterSnapshot(life: PackLife | null, snapshotId: string, liveBytes: number): PackLife {
  if (life === null || liveBytes >= life.bytes) {
    return { bytes: liveBytes, liveBytes, wornBy: null, expiredSince: null };
  }
  return { ...life, liveBytes, wornBy: life.wornBy ?? snapshotId };
}
