/** How far an audit chain has come. Whoever adds an entry must have seen it. */
export interface ChainEnd {
  /** Entries it has. */
  readonly count: number;
  /** Hash of the last of them. */
  readonly head: string;
}

/**
 * The end of the installation's own audit chain, which takes what belongs to no vault and no
 * client. There is one; it is not there before the first entry or the first client.
 */
export interface InstallationAudit {
  readonly kind: 'installation';
  readonly audit: ChainEnd;
  /** The table that was last compared with all tombstones, or began empty; absent before. */
  readonly reconciledIn?: string;
}
