/** What a key of the installation is for: `root` wraps branch keys, `signing` signs proofs. */
export type KeyPurpose = 'root' | 'signing';

/**
 * The keys that belong to the installation and to no vault: a root key in each Region, and the
 * signing key in the primary one. They are found by their aliases.
 *
 * All methods throw HoldfastError `KEYS_UNAVAILABLE` when the key service does not answer,
 * `KEYS_UNUSABLE` when it denies what is asked.
 */
export interface InstallationKeys {
  /**
   * Tells what a key of the account is for. Where the key of an alias is gone, the alias is gone
   * with it, and any key of that Region may have been the one: it is taken for it.
   * @returns `null` for a key that is none of the installation's.
   */
  purposeOf(keyArn: string): Promise<KeyPurpose | null>;

  /**
   * Ends the waiting period of such a key and enables it. May be repeated.
   * @returns whether there was anything to do; `false` as well for a key that is gone.
   */
  restore(keyArn: string): Promise<boolean>;
}
