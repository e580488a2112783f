/**
 * The key that certificates, checkpoints and exports are signed with. It signs and does nothing
 * else: no vault key can be reached through it, and it outlives them all.
 *
 * `sign` and `publicKey` throw HoldfastError `SIGNING_UNAVAILABLE` when the key service does not
 * answer or refuses; repeating may help. Two signatures of the same bytes differ, and both hold.
 */
export interface Signing {
  /**
   * ECDSA on P-256 over the SHA-256 of `bytes` (ES256, RFC 7518 3.4).
   * @returns r and s, 32 bytes each, one after the other.
   */
  sign(bytes: Uint8Array): Promise<Uint8Array>;

  /** The public half, as a PEM `SubjectPublicKeyInfo`. It never changes while the key exists. */
  publicKey(): Promise<string>;

  /** Public halves, in the same form, of keys that signed before this one, as it was deployed. */
  retiredKeys(): readonly string[];
}
