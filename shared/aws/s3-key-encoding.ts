/**
 * Decodes a key of a listing that was asked for with `EncodingType: 'url'`. Without that encoding
 * XML could not carry every character a key may have. S3 writes a space as `+`.
 */
export function decodeListedKey(encoded: string): string {
  return /[%+]/.test(encoded) ? decodeURIComponent(encoded.replaceAll('+', ' ')) : encoded;
}

/** @returns the base64 form, which S3 uses, of a SHA-256 in hex. */
export function base64OfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

/**
 * @param checksum - as S3 tells it; that of an object written in parts ends in their number.
 * @returns the SHA-256 of the whole object in hex, `null` when S3 does not tell it.
 */
export function hexOfBase64(checksum: string | undefined): string | null {
  const isWhole = checksum !== undefined && !checksum.includes('-');
  return isWhole ? Buffer.from(checksum, 'base64').toString('hex') : null;
}
