/** CRC-64/NVME polynomial, bit-reversed (NVM Express base specification, 64b CRC). */
export const CRC64_NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

/** Eight bytes are folded per step, each through its own pair of tables ("slicing by 8"). */
const SLICES = 8;

const MASK_32 = 0xffff_ffffn;

/** Table entries as 32-bit halves: BigInt arithmetic would allocate for every byte. */
const tables = buildTables();

function buildTables(): { low: Int32Array; high: Int32Array } {
  const low = new Int32Array(256 * SLICES);
  const high = new Int32Array(256 * SLICES);
  const entries: bigint[] = [];
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) {
      value = value & 1n ? (value >> 1n) ^ CRC64_NVME_POLYNOMIAL : value >> 1n;
    }
    entries.push(value);
  }
  for (let slice = 1; slice < SLICES; slice += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const previous = entries[(slice - 1) * 256 + byte] as bigint;
      entries.push((previous >> 8n) ^ (entries[Number(previous & 0xffn)] as bigint));
    }
  }
  entries.forEach((value, index) => {
    low[index] = Number(value & MASK_32) | 0;
    high[index] = Number(value >> 32n) | 0;
  });
  return { low, high };
}

/** CRC-64/NVME over data given in pieces: what S3 computes when a client sends no checksum. */
export class Crc64Nvme {
  #low = -1;
  #high = -1;

  update(data: Uint8Array): void {
    const { low, high } = tables;
    let lo = this.#low;
    let hi = this.#high;
    let i = 0;
    const end = data.length - (data.length % SLICES);
    for (; i < end; i += SLICES) {
      lo ^=
        (data[i] as number) |
        ((data[i + 1] as number) << 8) |
        ((data[i + 2] as number) << 16) |
        ((data[i + 3] as number) << 24);
      hi ^=
        (data[i + 4] as number) |
        ((data[i + 5] as number) << 8) |
        ((data[i + 6] as number) << 16) |
        ((data[i + 7] as number) << 24);
      const a = 1792 + (lo & 0xff);
      const b = 1536 + ((lo >>> 8) & 0xff);
      const c = 1280 + ((lo >>> 16) & 0xff);
      const d = 1024 + (lo >>> 24);
      const e = 768 + (hi & 0xff);
      const f = 512 + ((hi >>> 8) & 0xff);
      const g = 256 + ((hi >>> 16) & 0xff);
      const h = hi >>> 24;
      lo = fold(low, a, b, c, d, e, f, g, h);
      hi = fold(high, a, b, c, d, e, f, g, h);
    }
    for (; i < data.length; i += 1) {
      const index = (lo ^ (data[i] as number)) & 0xff;
      lo = ((lo >>> 8) | (hi << 24)) ^ (low[index] as number);
      hi = (hi >>> 8) ^ (high[index] as number);
    }
    this.#low = lo;
    this.#high = hi;
  }

  /** The checksum so far, big-endian, eight bytes. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes;
  }
}

function fold(
  table: Int32Array,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
): number {
  return (
    (table[a] as number) ^
    (table[b] as number) ^
    (table[c] as number) ^
    (table[d] as number) ^
    (table[e] as number) ^
    (table[f] as number) ^
    (table[g] as number) ^
    (table[h] as number)
  );
}
