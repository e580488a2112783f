import type { Readable } from 'node:stream';
import type { PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { Copy, CopyListing, CopyObjectState, CopyUpload, CopyWrite } from '../ports/copy.ts';

/**
 * Wraps both copies for one run. Each call tries a copy for seconds to minutes before it gives up,
 * so a copy that did not answer once is left alone for the rest of the run: every further call
 * fails at once with the same `COPY_UNAVAILABLE`. What it misses is repaired afterwards.
 */
export function restingCopies({ primary, secondary }: PerCopy<Copy>): PerCopy<Copy> {
  return { primary: new RestingCopy(primary), secondary: new RestingCopy(secondary) };
}

class RestingCopy implements Copy {
  readonly #copy: Copy;
  #outage: { readonly error: unknown } | undefined;

  constructor(copy: Copy) {
    this.#copy = copy;
  }

  get name(): Copy['name'] {
    return this.#copy.name;
  }

  put(key: string, bytes: Uint8Array, write: CopyWrite & { sha256: string }): Promise<string> {
    return this.#ask(() => this.#copy.put(key, bytes, write));
  }

  async open(key: string, write: CopyWrite): Promise<CopyUpload> {
    const upload = await this.#ask(() => this.#copy.open(key, write));
    return {
      writePart: (bytes) => this.#ask(() => upload.writePart(bytes)),
      finish: () => this.#ask(() => upload.finish()),
      abort: () => this.#ask(() => upload.abort()),
    };
  }

  read(key: string, versionId: string): Promise<Readable> {
    return this.#ask(() => this.#copy.read(key, versionId));
  }

  inspect(key: string, versionId: string): Promise<CopyObjectState | undefined> {
    return this.#ask(() => this.#copy.inspect(key, versionId));
  }

  extendLock(key: string, versionId: string, until: Date): Promise<void> {
    return this.#ask(() => this.#copy.extendLock(key, versionId, until));
  }

  setLegalHold(key: string, versionId: string, on: boolean): Promise<void> {
    return this.#ask(() => this.#copy.setLegalHold(key, versionId, on));
  }

  remove(key: string, versionId: string): Promise<void> {
    return this.#ask(() => this.#copy.remove(key, versionId));
  }

  listFolders(prefix: string, after?: string): AsyncIterable<string> {
    return this.#iterate(this.#copy.listFolders(prefix, after));
  }

  list(prefix: string): AsyncIterable<CopyListing> {
    return this.#iterate(this.#copy.list(prefix));
  }

  async *#iterate<Entry>(listed: AsyncIterable<Entry>): AsyncGenerator<Entry> {
    const entries = listed[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#ask(() => entries.next());
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  }

  async #ask<T>(call: () => Promise<T>): Promise<T> {
    if (this.#outage !== undefined) {
      throw this.#outage.error;
    }
    try {
      return await call();
    } catch (error) {
      if (isFault(error, 'COPY_UNAVAILABLE')) {
        this.#outage = { error };
      }
      throw error;
    }
  }
}
