import type { PerCopy } from '../domain/copy-name.ts';
import type { SourceLocation, Vault } from '../domain/records.ts';
import type { Clock, Ids, Pauses } from './clock.ts';
import type { Copy } from './copy.ts';
import type { InstallationKeys } from './installation-keys.ts';
import type { KeyCustody, KeyDestruction } from './key-custody.ts';
import type { Ledger } from './ledger.ts';
import type { Pipeline } from './pipeline.ts';
import type { Signing } from './signing.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Everything the use cases reach the world by. A use case asks for the few it needs:
 * `Pick<Services, 'ledger' | 'clock'>`.
 */
export interface Services {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly pauses: Pauses;
  readonly ledger: Ledger;
  readonly copies: PerCopy<Copy>;
  readonly custody: KeyCustody;
  readonly destruction: KeyDestruction;
  readonly installationKeys: InstallationKeys;
  readonly signing: Signing;
  readonly pipeline: Pipeline;
  readonly telemetry: Telemetry;
  /** Opens a vault's source. */
  readonly openSource: (vault: Vault) => Source;
  /** Opens an S3 prefix to restore to. */
  readonly openS3Target: (location: SourceLocation) => Target;
  readonly installation: Installation;
  /** Whose work is being done: a request to the admin API, or one invocation of a function. */
  readonly request?: { readonly id: string };
}

/** Facts about the installation that use cases need. */
export interface Installation {
  readonly name: string;
  readonly regions: PerCopy<string>;
  readonly buckets: PerCopy<string>;
  /** Longest lock in days that the copies accept; their bucket policies refuse longer ones. */
  readonly maxLockDays: number;
  /** Part of a vault that one sweep may remove unless a person has confirmed it: 0 to 1. */
  readonly maxSweepShare: number;
}
