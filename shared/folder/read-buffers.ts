/** Bytes taken from the system at once. */
const SLAB_BYTES = 1024 * 1024;

/** Slabs kept for later: as much as is read ahead of the writer, when all files are small. */
const KEPT_SLABS = 8;

interface Slab {
  readonly bytes: Buffer;
  used: number;
  /** Buffers that were given out of it and not given back. */
  lent: number;
}

/** A buffer with any content, and how to give it back. */
export interface LentBuffer {
  readonly bytes: Buffer;
  /** To be called once, when the buffer is not needed any more; or never. */
  readonly release: () => void;
}

/**
 * Gives buffers for small files out of slabs that are used again. Fresh memory costs more than to
 * read the file into it: 13 instead of 3 µs for 7 KB, measured with Node 24 on Linux.
 */
export class ReadBuffers {
  #slab: Slab = { bytes: Buffer.alloc(0), used: 0, lent: 0 };
  #free: Slab[] = [];

  /** @param size - bytes, at most 1 MiB. */
  lend(size: number): LentBuffer {
    if (this.#slab.bytes.length - this.#slab.used < size) {
      this.#slab = this.#free.pop() ?? newSlab();
    }
    const slab = this.#slab;
    const start = slab.used;
    slab.used += size;
    slab.lent += 1;
    return { bytes: slab.bytes.subarray(start, slab.used), release: () => this.#takeBack(slab) };
  }

  #takeBack(slab: Slab): void {
    slab.lent -= 1;
    if (slab.lent > 0) {
      return;
    }
    slab.used = 0;
    if (slab !== this.#slab && this.#free.length < KEPT_SLABS) {
      this.#free.push(slab);
    }
  }
}

function newSlab(): Slab {
  return { bytes: Buffer.allocUnsafeSlow(SLAB_BYTES), used: 0, lent: 0 };
}
