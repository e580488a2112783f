/** Castagnoli polynomial, bit-reversed (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** Eight bytes are folded per step, each through its own table ("slicing by 8"). */
const SLICES = 8;

const tables: readonly Int32Array[] = buildTables();

function buildTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    }
    first[byte] = value;
  }
  const all = [first];
  for (let slice = 1; slice < SLICES; slice += 1) {
    const previous = all[slice - 1] as Int32Array;
    all.push(previous.map((value) => (value >>> 8) ^ (first[value & 0xff] as number)));
  }
  return all;
}

/**
 * CRC-32C of `data`, continuing from `previous` (0 at the start), as an unsigned 32-bit number.
 * Node has CRC-32 built in but not this one.
 */
export function crc32c(data: Uint8Array, previous = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const at = (table: Int32Array, index: number): number => table[index & 0xff] as number;
  let crc = ~previous;
  let i = 0;
  const end = data.length - (data.length % SLICES);
  for (; i < end; i += SLICES) {
    crc ^=
      (data[i] as number) |
      ((data[i + 1] as number) << 8) |
      ((data[i + 2] as number) << 16) |
      ((data[i + 3] as number) << 24);
    crc =
      at(t7, crc) ^
      at(t6, crc >>> 8) ^
      at(t5, crc >>> 16) ^
      at(t4, crc >>> 24) ^
      (t3[data[i + 4] as number] as number) ^
      (t2[data[i + 5] as number] as number) ^
      (t1[data[i + 6] as number] as number) ^
      (t0[data[i + 7] as number] as number);
  }
  for (; i < data.length; i += 1) {
    crc = (crc >>> 8) ^ at(t0, crc ^ (data[i] as number));
  }
  return ~crc >>> 0;
}
