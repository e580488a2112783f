import { hash } from 'node:crypto';
import type { PerCopy } from '../domain/copy-name.ts';
import type { Pack, StoredObject } from '../domain/records.ts';
import { packKey } from '../format/object-keys.ts';
import { type PackEntry, PackWriter } from '../format/pack-writer.ts';
import type { Services } from '../ports/services.ts';
import { type UnseenObject, uploadToBoth } from './dual-upload.ts';

/**
 * Plaintext bytes after which a pack is closed: objects large enough that requests and lock
 * extensions cost little, small enough that restoring one record reads little.
 */
const PACK_BYTES = 32 * 1024 * 1024;

/** Everything but the ledger: packs are also written where there is none. */
type PackServices = Pick<Services, 'copies' | 'custody' | 'ids'>;

/** For whom packs are written. */
export interface PackOwner {
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly runId: string;
  readonly keys: PerCopy<string>;
  readonly lockedUntil: Date;
}

/** Where a record's bytes lie now. */
export interface Packed {
  readonly pack: string;
  /** Lower-case hex SHA-256 of the plaintext. */
  readonly sha256: string;
}

type RecordPack = (pack: Pack) => Promise<void>;

export interface PackSeriesOptions {
  /** Told of every pack before it can be seen in a copy. @default nobody is told */
  readonly beforeSeen?: RecordPack;
  /** Plaintext bytes after which a pack is closed. @default 32 MiB */
  readonly packBytes?: number;
}

interface OpenPack {
  readonly packId: string;
  readonly writer: PackWriter<StoredObject>;
  bytes: number;
}

/**
 * Writes the packs of one run, one after the other. Each is in the copies and recorded before the
 * next is begun, so that an abandoned run leaves nothing unknown behind but its last pack.
 * `finish` or `abandon` ends it.
 */
export class PackSeries {
  readonly #services: PackServices;
  readonly #owner: PackOwner;
  readonly #recordPack: RecordPack;
  readonly #options: PackSeriesOptions;
  #open: OpenPack | undefined;

  /**
   * @param recordPack - told of every pack that was written; what it throws ends the run.
   */
  constructor(
    services: PackServices,
    owner: PackOwner,
    recordPack: RecordPack,
    options: PackSeriesOptions = {},
  ) {
    this.#services = services;
    this.#owner = owner;
    this.#recordPack = recordPack;
    this.#options = options;
  }

  /**
   * Adds a record held in memory.
   * @returns a promise only when there is something to wait for.
   * @throws what the copies, the keys and the ledger throw.
   */
  addBytes(entry: PackEntry, bytes: Buffer): Packed | Promise<Packed> {
    if (this.#isFull(entry)) {
      return this.#close().then(() => this.addBytes(entry, bytes));
    }
    const { packId, writer } = this.#packFor(entry);
    const packed = { pack: packId, sha256: hash('sha256', bytes, 'hex') };
    return writer.addBytes(entry, bytes)?.then(() => packed) ?? packed;
  }

  /** Adds a record while it is read. @throws what `body`, copies, keys and ledger throw. */
  async addStream(entry: PackEntry, body: AsyncIterable<Buffer>): Promise<Packed> {
    if (this.#isFull(entry)) {
      await this.#close();
    }
    const { packId, writer } = this.#packFor(entry);
    return { pack: packId, sha256: await writer.addStream(entry, body) };
  }

  /** Closes the pack that was begun, if one was. A record that follows begins another one. */
  async finish(): Promise<void> {
    await this.#close();
  }

  async abandon(): Promise<void> {
    await this.#open?.writer.abandon();
    this.#open = undefined;
  }

  /** A record is never split: one that is larger than a pack has one of its own. */
  #isFull({ size }: PackEntry): boolean {
    const { packBytes = PACK_BYTES } = this.#options;
    return this.#open !== undefined && this.#open.bytes + size > packBytes;
  }

  #packFor({ size }: PackEntry): OpenPack {
    this.#open ??= this.#begin();
    this.#open.bytes += size;
    return this.#open;
  }

  #begin(): OpenPack {
    const { vaultId, snapshotId, keys, lockedUntil } = this.#owner;
    const { copies, custody, ids } = this.#services;
    const packId = ids.next();
    const write = { lockedUntil, contentType: 'application/octet-stream' };
    const identity = { vaultId, snapshotId, object: `pack/${packId}` } as const;
    const writer = new PackWriter(custody.wrapping(keys), identity, (message) =>
      uploadToBoth(copies, packKey(vaultId, packId), write, message, (unseen) =>
        this.#beforeSeen(packId, unseen),
      ),
    );
    return { packId, writer, bytes: 0 };
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) {
      return;
    }
    const stored = await open.writer.finish();
    this.#open = undefined;
    await this.#recordPack(this.#recordOf(open.packId, stored));
  }

  async #beforeSeen(packId: string, unseen: UnseenObject): Promise<void> {
    const versions = { primary: null, secondary: null };
    await this.#options.beforeSeen?.(this.#recordOf(packId, { ...unseen, versions }));
  }

  #recordOf(packId: string, stored: StoredObject): Pack {
    const { vaultId, snapshotId, runId, lockedUntil } = this.#owner;
    const names = { kind: 'pack', vaultId, packId, snapshotId, runId } as const;
    return {
      ...names,
      lockedUntil: lockedUntil.toISOString(),
      droppedBy: null,
      life: null,
      ...stored,
    };
  }
}
