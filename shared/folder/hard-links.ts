import { link, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ManifestRecord } from '../format/manifest-record.ts';
import { linkGroup } from './file-metadata.ts';
import { publishFile } from './publish-file.ts';

/** Gives restored files their names, so that hard links become one file again. */
export class HardLinks {
  readonly #partialIn: (folder: string) => string;
  /** The first name of each group, once it has been given. */
  readonly #first = new Map<string, Promise<string>>();

  /** @param partialIn - makes a new name in a folder. */
  constructor(partialIn: (folder: string) => string) {
    this.#partialIn = partialIn;
  }

  /** @throws as `publishFile` does. */
  async publish(
    record: ManifestRecord,
    partial: string,
    final: string,
    overwrite: boolean,
  ): Promise<void> {
    const group = linkGroup(record);
    if (group === undefined) {
      publishFile(partial, final, overwrite);
      return;
    }
    // Files are written side by side: each waits for the one of its group before it.
    const before = this.#first.get(group);
    const published = (async () => {
      const first = await before?.catch(() => undefined);
      if (first !== undefined) {
        await this.#share(first, partial);
      }
      publishFile(partial, final, overwrite);
      // Where both were names of one file already, renaming has done nothing (POSIX, rename).
      await unlink(partial).catch(() => undefined);
      return first ?? final;
    })();
    this.#first.set(group, published);
    await published;
  }

  /** Puts a further name of `first` in the place of `partial`, which has the same content. */
  async #share(first: string, partial: string): Promise<void> {
    const name = this.#partialIn(dirname(partial));
    try {
      await link(first, name);
    } catch {
      // No hard links here, or too many of them: the file stays one of its own.
      return;
    }
    await rename(name, partial);
  }
}
