/**
 * Decodes a key of a listing that was asked for with `EncodingType: 'url'`. Without that encoding
 * XML could not carry every character a key may have. S3 writes a space as `+`.
 */
export function decodeListedKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

/** @returns the base64 form, which S3 uses, of a SHA-256 in hex. */
export function base64OfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
