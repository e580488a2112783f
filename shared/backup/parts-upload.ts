import type { CopyName } from '../domain/copy-name.ts';
import { PART_BYTES } from '../domain/limits.ts';
import type { CopyUpload } from '../ports/copy.ts';
import { type Answers, answering } from './answering-copies.ts';

/**
 * One object being written in parts to several copies at once. A copy that does not answer is left
 * out from then on.
 */
export class PartsUpload {
  #uploads: Answers<CopyUpload> = new Map();
  readonly #unfinished = new Set<CopyUpload>();

  /** @throws what the copies throw; `abort` has to follow. */
  async open(
    names: readonly CopyName[],
    openIn: (copy: CopyName) => Promise<CopyUpload>,
  ): Promise<void> {
    this.#uploads = await answering(names, async (copy) => {
      const upload = await openIn(copy);
      this.#unfinished.add(upload);
      return upload;
    });
  }

  /**
   * Writes full parts from the front of `bytes`, and leaves at least one byte: the last part may be
   * short, but not empty.
   * @returns what is left.
   */
  async writeFullParts(bytes: Buffer): Promise<Buffer> {
    let rest = bytes;
    while (rest.length > PART_BYTES) {
      await this.#writePart(rest.subarray(0, PART_BYTES));
      rest = rest.subarray(PART_BYTES);
    }
    return rest;
  }

  /** Writes all that is left. */
  async writeLast(bytes: Buffer): Promise<void> {
    await this.#writePart(await this.writeFullParts(bytes));
  }

  /** @returns the version ids in the copies that answered to the end. */
  async finish(): Promise<Answers<string>> {
    return this.#inEach(async (upload) => {
      const versionId = await upload.finish();
      this.#unfinished.delete(upload);
      return versionId;
    });
  }

  /** Gives up what was not finished. */
  async abort(): Promise<void> {
    // An upload that cannot be aborted either is removed by the bucket's lifecycle rule.
    await Promise.allSettled([...this.#unfinished].map((upload) => upload.abort()));
  }

  async #writePart(part: Buffer): Promise<void> {
    await this.#inEach((upload) => upload.writePart(part));
  }

  async #inEach<T>(work: (upload: CopyUpload) => Promise<T>): Promise<Answers<T>> {
    const before = this.#uploads;
    const answers = await answering([...before.keys()], (copy) =>
      work(before.get(copy) as CopyUpload),
    );
    this.#uploads = new Map([...before].filter(([copy]) => answers.has(copy)));
    return answers;
  }
}
