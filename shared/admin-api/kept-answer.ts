/** What keeps a snapshot, and until when. */
export interface KeptAnswer {
  /**
   * - `end`: its own end, as the calendar has decided it
   * - `final`: it is the final one of a closed vault
   * - `last`: its end is over, but nothing has taken its place
   * - `hold`: a legal hold, whatever its end is
   * - `nothing`: its end is over, and the next sweep lets it expire
   * - `expired`: it was let go
   * - `erased`: the keys of its vault were destroyed: nobody can read it
   */
  readonly by: 'end' | 'final' | 'last' | 'hold' | 'nothing' | 'expired' | 'erased';
  /** When that ends, or has ended; `null` when nobody knows yet, or it never does. */
  readonly until: string | null;
  /** Legal holds that touch it. */
  readonly holds: number;
}
