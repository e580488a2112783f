import { hash } from 'node:crypto';
import type { PerCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import { packKey } from '../format/object-keys.ts';
import { type PackEntry, PackWriter } from '../format/pack-writer.ts';
import type { Services } from '../ports/services.ts';
import { uploadToBoth } from './dual-upload.ts';

/**
 * Plaintext bytes after which a pack is closed: objects large enough that requests and lock
 * extensions cost little, small enough that restoring one record reads little.
 */
const PACK_BYTES = 32 * 1024 * 1024;

/** For whom packs are written. */
export interface PackOwner {
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly keys: PerCopy<string>;
  readonly lockedUntil: Date;
}

/** Where a record's bytes lie now. */
export interface Packed {
  readonly pack: string;
  /** Lower-case hex SHA-256 of the plaintext. */
  readonly sha256: string;
}

interface OpenPack {
  readonly packId: string;
  readonly writer: PackWriter<StoredObject>;
  bytes: number;
}

/**
 * Writes the packs of one run, one after the other. Each is in both copies and in the ledger before
 * the next is begun, so that an abandoned run leaves nothing unknown behind but its last pack.
 * Exactly one of `finish` and `abandon` ends it.
 */
export class PackSeries {
  readonly #services: Pick<Services, 'copies' | 'custody' | 'ids' | 'ledger'>;
  readonly #owner: PackOwner;
  #open: OpenPack | undefined;

  constructor(services: Pick<Services, 'copies' | 'custody' | 'ids' | 'ledger'>, owner: PackOwner) {
    this.#services = services;
    this.#owner = owner;
  }

  /** Adds a record held in memory. @throws what the copies, the keys and the ledger throw. */
  async addBytes(entry: PackEntry, bytes: Buffer): Promise<Packed> {
    const { packId, writer } = await this.#packFor(entry);
    await writer.addBytes(entry, bytes);
    return { pack: packId, sha256: hash('sha256', bytes, 'hex') };
  }

  /** Adds a record while it is read. @throws what `body`, copies, keys and ledger throw. */
  async addStream(entry: PackEntry, body: AsyncIterable<Buffer>): Promise<Packed> {
    const { packId, writer } = await this.#packFor(entry);
    return { pack: packId, sha256: await writer.addStream(entry, body) };
  }

  async finish(): Promise<void> {
    await this.#close();
  }

  async abandon(): Promise<void> {
    await this.#open?.writer.abandon();
    this.#open = undefined;
  }

  /** A record is never split: one that is larger than a pack has one of its own. */
  async #packFor({ size }: PackEntry): Promise<OpenPack> {
    if (this.#open !== undefined && this.#open.bytes + size > PACK_BYTES) {
      await this.#close();
    }
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
      uploadToBoth(copies, packKey(vaultId, packId), write, message),
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
    const { vaultId, snapshotId, lockedUntil } = this.#owner;
    const record = {
      kind: 'pack' as const,
      vaultId,
      packId: open.packId,
      snapshotId,
      lockedUntil: lockedUntil.toISOString(),
      ...stored,
    };
    await this.#services.ledger.write([{ record, expect: 'absent' }]);
  }
}
