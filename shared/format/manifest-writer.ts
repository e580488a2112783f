import { PassThrough } from 'node:stream';
import type { KeyringNode } from '@aws-crypto/client-node';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { CHUNK_BYTES, type Store, storeMessage } from './compressed-message.ts';
import { manifestLine } from './manifest-line.ts';
import type { ManifestRecord } from './manifest-record.ts';
import type { MessageIdentity } from './message.ts';

/**
 * Writes a manifest line by line (format.md 4.1), holding no more than a chunk of it. Bytes go to
 * `store` while lines are added. Exactly one of `finish` and `abandon` ends it.
 */
export class ManifestWriter<Stored> {
  readonly #plaintext = new PassThrough();
  readonly #stored: Promise<Stored>;
  #lines: string[] = [];
  #characters = 0;
  #lastPath: string | undefined;

  constructor(keyring: KeyringNode, identity: MessageIdentity, store: Store<Stored>) {
    this.#stored = storeMessage(this.#plaintext, keyring, identity, store);
    // Heard by whichever call comes next.
    this.#stored.catch(() => undefined);
  }

  /**
   * Adds a record.
   * @throws Error when it is not behind the record before it in UTF-8 order (format.md 4.2), and
   * what `store` or the keyring have thrown meanwhile.
   */
  async write(record: ManifestRecord): Promise<void> {
    if (this.#lastPath !== undefined && compareUtf8(this.#lastPath, record.path) >= 0) {
      throw new Error('Manifest records must be written in ascending order of their paths.');
    }
    this.#lastPath = record.path;
    const line = manifestLine(record);
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#characters >= CHUNK_BYTES) {
      await this.#flush();
    }
  }

  /** Ends the manifest. @returns what `store` answers. */
  async finish(): Promise<Stored> {
    await this.#flush();
    this.#plaintext.end();
    return this.#stored;
  }

  /** Gives the manifest up; `store` sees its input fail. */
  async abandon(): Promise<void> {
    this.#plaintext.destroy(new Error('The manifest was given up.'));
    await this.#stored.catch(() => undefined);
  }

  async #flush(): Promise<void> {
    const chunk = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#characters = 0;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#plaintext.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      // When the store failed, the stream only says that it was closed.
      await this.#stored;
      throw error;
    }
  }
}
