/** How far the daily work on a vault's snapshots has come. */
export interface Upkeep {
  readonly kind: 'upkeep';
  readonly vaultId: string;
  /**
   * Up to this snapshot it is known of every pack which snapshot was the first without it; `null`
   * before the first one was looked at.
   */
  readonly settledThrough: string | null;
}
