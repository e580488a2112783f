import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Data is gathered up to this size before it is written: fewer calls, bounded memory. A body that
 * fits is written and read synchronously, which saves four trips through libuv's threads.
 */
export const BATCH_BYTES = 256 * 1024;

/** Bodies are spread over directories by the first digit of their id. */
const SHARDS = [...'0123456789abcdef'];

/** One file of an object's body; a multipart object has one per part. */
export interface BodySegment {
  readonly id: string;
  readonly size: number;
}

/** A body on its way in. Exactly one of `commit` and `discard` ends it. */
export interface BodyWriter {
  write(data: Buffer): Promise<void>;
  /** Gives the file its final name. Metadata may point to it from then on. */
  commit(): Promise<BodySegment>;
  discard(): Promise<void>;
}

/**
 * Bodies as files. A body is written under `incoming/`, then renamed into `bodies/`; whatever a
 * killed process leaves without metadata is removed by `sweep` at the next start. A file that is
 * being read is removed only when its last reader is done.
 */
export class BodyFiles {
  readonly #incoming: string;
  readonly #bodies: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(directory: string) {
    this.#incoming = join(directory, 'incoming');
    this.#bodies = join(directory, 'bodies');
    rmSync(this.#incoming, { recursive: true, force: true });
    mkdirSync(this.#incoming, { recursive: true });
    for (const shard of SHARDS) {
      mkdirSync(join(this.#bodies, shard), { recursive: true });
    }
  }

  /** Removes every body no metadata refers to. Called once, before requests are served. */
  sweep(isReferenced: (id: string) => boolean): void {
    for (const shard of readdirSync(this.#bodies)) {
      for (const id of readdirSync(join(this.#bodies, shard))) {
        if (!isReferenced(id)) {
          rmSync(join(this.#bodies, shard, id), { force: true });
        }
      }
    }
  }

  pathOf(id: string): string {
    return join(this.#bodies, id.charAt(0), id);
  }

  /** Starts a new body. */
  create(): BodyWriter {
    const id = randomBytes(16).toString('hex');
    return new FileBodyWriter(id, join(this.#incoming, id), this.pathOf(id));
  }

  /** Keeps files from being removed until the returned function is called. */
  hold(segments: readonly BodySegment[]): () => void {
    for (const { id } of segments) {
      this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    }
    return () => {
      const done = segments.filter(({ id }) => this.#release(id));
      this.remove(done);
    };
  }

  #release(id: string): boolean {
    const left = (this.#readers.get(id) ?? 1) - 1;
    if (left > 0) {
      this.#readers.set(id, left);
      return false;
    }
    this.#readers.delete(id);
    return this.#doomed.delete(id);
  }

  /** Removes bodies whose metadata is gone, at once or after their last reader. */
  remove(segments: readonly BodySegment[]): void {
    for (const { id } of segments) {
      if (this.#readers.has(id)) {
        this.#doomed.add(id);
      } else {
        // A file that cannot be removed now is an orphan, which the next start sweeps.
        rm(this.pathOf(id), { force: true }).catch(() => undefined);
      }
    }
  }
}

class FileBodyWriter implements BodyWriter {
  readonly #id: string;
  readonly #temporary: string;
  readonly #final: string;
  #handle: FileHandle | undefined;
  #batch: Buffer[] = [];
  #batchSize = 0;
  #size = 0;

  constructor(id: string, temporary: string, final: string) {
    this.#id = id;
    this.#temporary = temporary;
    this.#final = final;
  }

  async write(data: Buffer): Promise<void> {
    this.#batch.push(data);
    this.#batchSize += data.length;
    this.#size += data.length;
    if (this.#batchSize >= BATCH_BYTES) {
      this.#handle ??= await open(this.#temporary, 'wx');
      await writeAll(this.#handle, this.#batch);
      this.#batch = [];
      this.#batchSize = 0;
    }
  }

  async commit(): Promise<BodySegment> {
    if (this.#handle === undefined) {
      writeFileSync(this.#temporary, Buffer.concat(this.#batch), { flag: 'wx' });
    } else {
      await writeAll(this.#handle, this.#batch);
      await this.#handle.close();
    }
    renameSync(this.#temporary, this.#final);
    return { id: this.#id, size: this.#size };
  }

  async discard(): Promise<void> {
    await this.#handle?.close().catch(() => undefined);
    await rm(this.#temporary, { force: true });
  }
}

/** `writev` may write less than it is given. */
async function writeAll(handle: FileHandle, batch: readonly Buffer[]): Promise<void> {
  const total = batch.reduce((sum, data) => sum + data.length, 0);
  if (total === 0) {
    return;
  }
  const { bytesWritten } = await handle.writev(batch as Buffer[]);
  if (bytesWritten < total) {
    const rest = Buffer.concat(batch).subarray(bytesWritten);
    let done = 0;
    while (done < rest.length) {
      done += (await handle.write(rest, done)).bytesWritten;
    }
  }
}
