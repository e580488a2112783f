import type { KeyringNode } from '@aws-crypto/material-management-node';
import { compareUtf8 } from '../domain/utf8-order.ts';
import { manifestLine } from './manifest-line.ts';
import type { ManifestLine } from './manifest-record.ts';
import type { MessageIdentity } from './message.ts';
import { MessageWriter, type Store } from './message-writer.ts';

/** Characters of lines that are turned into bytes at once. */
const BATCH_CHARACTERS = 64 * 1024;

/**
 * Writes a manifest line by line (format.md 4.1), holding no more than a chunk of it. Bytes go to
 * `store` while lines are added. Exactly one of `finish` and `abandon` ends it.
 */
export class ManifestWriter<Stored> {
  readonly #message: MessageWriter<Stored>;
  #lines: string[] = [];
  #characters = 0;
  #lastPath: string | undefined;

  constructor(keyring: KeyringNode, identity: MessageIdentity, store: Store<Stored>) {
    this.#message = new MessageWriter(keyring, identity, store);
  }

  /**
   * Adds a record.
   * @returns as `MessageWriter.write` does.
   * @throws Error when it is not behind the record before it in UTF-8 order (format.md 4.2), and
   * what `store` or the keyring have thrown meanwhile.
   */
  write(record: ManifestLine): Promise<void> | undefined {
    if (this.#lastPath !== undefined && compareUtf8(this.#lastPath, record.path) >= 0) {
      throw new Error('Manifest records must be written in ascending order of their paths.');
    }
    this.#lastPath = record.path;
    const line = manifestLine(record);
    this.#lines.push(line);
    this.#characters += line.length;
    return this.#characters >= BATCH_CHARACTERS ? this.#flush() : undefined;
  }

  /** Ends the manifest. @returns what `store` answers. */
  async finish(): Promise<Stored> {
    await this.#flush();
    return this.#message.finish();
  }

  /** Gives the manifest up; `store` sees its input fail. */
  abandon(): Promise<void> {
    return this.#message.abandon(new Error('The manifest was given up.'));
  }

  #flush(): Promise<void> | undefined {
    const text = this.#lines.join('');
    this.#lines = [];
    this.#characters = 0;
    return this.#message.writeText(text);
  }
}
