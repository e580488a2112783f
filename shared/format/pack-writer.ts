import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { KeyringNode } from '@aws-crypto/client-node';
import { pack as createTar, type Header, type Pack as Tar } from 'tar-stream';
import { type Store, storeMessage } from './compressed-message.ts';
import type { MessageIdentity } from './message.ts';

/** Largest time a plain tar header is written with: tar-stream counts in signed 32 bits. */
const MAX_HEADER_SECONDS = 2 ** 31 - 1;

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
  readonly #tar: Tar = createTar();
  readonly #stored: Promise<Stored>;

  constructor(keyring: KeyringNode, identity: MessageIdentity, store: Store<Stored>) {
    this.#stored = storeMessage(this.#tar as AsyncIterable<Buffer>, keyring, identity, store);
    this.#tar.on('error', () => undefined);
    // Heard by whichever call comes next.
    this.#stored.catch(() => undefined);
  }

  /** Adds a record held in memory. @throws what `store` or the keyring have thrown meanwhile. */
  async addBytes(entry: PackEntry, bytes: Buffer): Promise<void> {
    await this.#withCause(() =>
      settled((done) => {
        this.#tar.entry(tarHeader(entry), bytes, done).on('error', () => undefined);
      }),
    );
  }

  /**
   * Adds a record from a stream of exactly `entry.size` bytes.
   * @returns lower-case hex SHA-256 of its bytes.
   * @throws what the stream, `store` or the keyring throw; the pack is lost then.
   */
  async addStream(entry: PackEntry, body: AsyncIterable<Buffer>): Promise<string> {
    const hash = createHash('sha256');
    await this.#withCause(async () => {
      let sink: ReturnType<Tar['entry']> | undefined;
      const accepted = settled((done) => {
        sink = this.#tar.entry(tarHeader(entry), done).on('error', () => undefined);
      });
      try {
        for await (const chunk of body) {
          hash.update(chunk);
          if (sink?.write(chunk) === false) {
            await Promise.race([once(sink, 'drain'), accepted]);
          }
        }
      } catch (error) {
        sink?.destroy(error as Error);
        await accepted.catch(() => undefined);
        throw error;
      }
      sink?.end(null);
      await accepted;
    });
    return hash.digest('hex');
  }

  /** Ends the pack. @returns what `store` answers. */
  async finish(): Promise<Stored> {
    this.#tar.finalize();
    return this.#stored;
  }

  /** Gives the pack up; `store` sees its input fail. */
  async abandon(): Promise<void> {
    this.#tar.destroy(new Error('The pack was given up.'));
    await this.#stored.catch(() => undefined);
  }

  /** When the store failed, tar only says that it was closed: its own failure comes first. */
  async #withCause(add: () => Promise<void>): Promise<void> {
    try {
      await add();
    } catch (error) {
      this.#tar.destroy(error as Error);
      await this.#stored;
      throw error;
    }
  }
}

function settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()));
  });
  ended.catch(() => undefined);
  return ended;
}

/** format.md 3.4: regular files only, times in whole seconds, later or earlier ones as PAX. */
function tarHeader(entry: PackEntry): Partial<Header> & Pick<Header, 'name'> {
  const seconds = Math.floor(entry.modified.getTime() / 1000);
  const held = Math.min(Math.max(seconds, 0), MAX_HEADER_SECONDS);
  const header = {
    name: entry.name,
    size: entry.size,
    mtime: new Date(held * 1000),
    type: 'file' as const,
    mode: 0o644,
  };
  return held === seconds ? header : { ...header, pax: { mtime: String(seconds) } };
}
