/** Multiplies two polynomials modulo `polynomial`, all bit-reversed in `width` bits. */
function multiply(a: bigint, b: bigint, polynomial: bigint, width: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = width - 1n; bit >= 0n; bit -= 1n) {
    if ((a >> bit) & 1n) {
      product ^= shifted;
    }
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

/** `x` to the power of `8 * bytes`, modulo `polynomial`. */
function powerOfBytes(bytes: number, polynomial: bigint, width: bigint): bigint {
  const one = 1n << (width - 1n);
  let square = one >> 8n;
  let result = one;
  for (let rest = BigInt(bytes); rest > 0n; rest >>= 1n) {
    if (rest & 1n) {
      result = multiply(square, result, polynomial, width);
    }
    square = multiply(square, square, polynomial, width);
  }
  return result;
}

/**
 * The CRC of `first` followed by `second`, from their CRCs alone: how a multipart upload gets its
 * full-object checksum without its parts being read again (the method of zlib's `crc32_combine`).
 * @param polynomial - bit-reversed; its width is that of the CRCs, which are big-endian bytes
 * @param secondSize - length of the second piece in bytes
 */
export function combineCrc(
  first: Buffer,
  second: Buffer,
  secondSize: number,
  polynomial: bigint,
): Buffer {
  const width = BigInt(first.length * 8);
  const shift = powerOfBytes(secondSize, polynomial, width);
  const moved = multiply(shift, BigInt(`0x${first.toString('hex')}`), polynomial, width);
  const sum = moved ^ BigInt(`0x${second.toString('hex')}`);
  return Buffer.from(sum.toString(16).padStart(first.length * 2, '0'), 'hex');
}
