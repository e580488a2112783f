import type { RequestCounts } from './embedded-aws-process.ts';
import type { Units } from './metered-clients.ts';

/**
 * What is measured of each vault, in this order:
 * - `register`: from the client to two keys that work
 * - `backup`, `restore`: ten records of 2 KiB, once, as functions do it; without the records of a
 *   restore in the ledger
 * - `suspend`: request, approval by another person, and what makes the vault unreadable: keys off
 *   and their deletion scheduled. It can be called off for 7 days from here
 * - `wait`: one hourly look at it in those days
 * - `destroy`: once they are over, the keys' end, its evidence in both Regions, and the probes
 */
export const KEY_STEPS = ['register', 'backup', 'restore', 'suspend', 'wait', 'destroy'] as const;
export type KeyStep = (typeof KEY_STEPS)[number];

/** What a step took for all vaults together. */
export interface StepCost {
  readonly calls: RequestCounts;
  readonly units: Units;
  /** Seconds. CPU is that of the process that asks, not of the embedded AWS. */
  readonly wall: number;
  readonly cpu: number;
}

/** What the process answers. */
export interface KeysAnswer {
  readonly steps: Readonly<Record<KeyStep, StepCost>>;
  /** How many vaults ended as erased. */
  readonly erased: number;
}
