import type { PerCopy } from '../domain/copy-name.ts';

/** Region and bucket of each copy. */
export interface InstallationAnswer {
  readonly name: string;
  readonly regions: PerCopy<string>;
  readonly buckets: PerCopy<string>;
  /** Longest lock in days that the copies accept. */
  readonly maxLockDays: number;
  readonly maxSweepShare: number;
}
