import { createHash } from 'node:crypto';
import type { KeyringNode } from '@aws-crypto/material-management-node';
import type { MessageIdentity } from './message.ts';
import { MessageWriter, type Store } from './message-writer.ts';
import { paddingOf, TAR_BLOCK, TAR_END, tarHeader } from './tar-header.ts';

/** A record on its way into a pack. */
export interface PackEntry {
  /** From `entryName`. */
  readonly name: string;
  /** Plaintext bytes. */
  readonly size: number;
  readonly modified: Date;
}

/**
 * Writes one pack: records one after the other, as tar, zstd and message (format.md 3.1). Bytes go
 * to `store` while records are added. Exactly one of `finish` and `abandon` ends it.
 */
export class PackWriter<Stored> {
  readonly #message: MessageWriter<Stored>;
  /** For headers, each of which is copied before the next one is made. */
  readonly #block = Buffer.allocUnsafe(TAR_BLOCK);
  #broken: Error | undefined;

  constructor(keyring: KeyringNode, identity: MessageIdentity, store: Store<Stored>) {
    this.#message = new MessageWriter(keyring, identity, store);
  }

  /**
   * Adds a record held in memory.
   * @returns as `MessageWriter.write` does.
   * @throws what `store` or the keyring have thrown meanwhile.
   */
  addBytes(entry: PackEntry, bytes: Buffer): Promise<void> | undefined {
    requireSize(entry, bytes.length);
    const padding = TAR_END.subarray(0, paddingOf(entry.size));
    return this.#message.write(tarHeader(entry, this.#block), bytes, padding);
  }

  /**
   * Adds a record from a stream of exactly `entry.size` bytes.
   * @returns lower-case hex SHA-256 of its bytes.
   * @throws what the stream, `store` or the keyring throw; the pack is lost then.
   */
  async addStream(entry: PackEntry, body: AsyncIterable<Buffer>): Promise<string> {
    const hash = createHash('sha256');
    let size = 0;
    try {
      await this.#message.write(tarHeader(entry));
      for await (const chunk of body) {
        hash.update(chunk);
        size += chunk.length;
        await this.#message.write(chunk);
      }
      requireSize(entry, size);
    } catch (error) {
      this.#broken = error as Error;
      await this.#message.abandon(this.#broken);
      throw error;
    }
    await this.#message.write(TAR_END.subarray(0, paddingOf(size)));
    return hash.digest('hex');
  }

  /** Ends the pack. @returns what `store` answers. */
  async finish(): Promise<Stored> {
    if (this.#broken !== undefined) {
      throw this.#broken;
    }
    await this.#message.write(TAR_END);
    return this.#message.finish();
  }

  /** Gives the pack up; `store` sees its input fail. */
  abandon(): Promise<void> {
    return this.#message.abandon(new Error('The pack was given up.'));
  }
}

function requireSize({ size }: PackEntry, found: number): void {
  if (found !== size) {
    throw new Error(`Size mismatch: a record of ${size} bytes has ${found}.`);
  }
}
