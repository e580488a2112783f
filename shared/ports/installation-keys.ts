/** What a key of the installation is for: `root` wraps branch keys, `signing` signs proofs. */
export type KeyPurpose = 'root' | 'signing';

/** What is known of a key that no vault has. */
export interface OwnKey {
  readonly purpose: KeyPurpose;
  /** Whether its alias leads to it; `false` when that alias leads to no key at all. */
  readonly isNamed: boolean;
}

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
   * with it, and any key of that Region may have been the one.
   * @returns `null` for a key that is none of the installation's.
   */
  find(keyArn: string): Promise<OwnKey | null>;

  /**
   * Ends the waiting period of a key that its alias names, and enables it. May be repeated.
   * @returns whether there was anything to do; `false` as well for a key that is gone.
   */
  restore(keyArn: string): Promise<boolean>;
}
