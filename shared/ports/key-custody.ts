import type { KeyringNode } from '@aws-crypto/material-management-node';
import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import type { KeyTier } from '../domain/key-tier.ts';

/**
 * Two independent keys per vault, one in each Region.
 *
 * All methods throw HoldfastError `KEYS_UNAVAILABLE` when the key service does not answer. Changes
 * may take minutes to be seen everywhere. Each may be repeated without harm.
 */
export interface KeyCustody {
  /** Makes a vault's two keys, which name the vault's id, and what tells later whether each opens
   * anything. Called again for the same vault it makes new keys: the caller registers it once. */
  create(vaultId: string, tier: KeyTier): Promise<NewKeys>;

  /**
   * Makes the probes of two keys that exist, for a vault whose own were lost.
   * @throws HoldfastError `KEYS_UNUSABLE` unless both keys are enabled.
   */
  sealProbes(keys: PerCopy<string>): Promise<PerCopy<string>>;

  /**
   * Wraps data keys under both keys: the first Region generates, the second wraps as well.
   * Encrypting with it rejects with `KEYS_UNUSABLE` unless both keys are enabled.
   */
  wrapping(keys: PerCopy<string>): KeyringNode;

  /**
   * Unwraps with the key of one Region only. Decrypting with it rejects with `KEYS_UNUSABLE` unless
   * that key is enabled; the state of the other one does not matter.
   */
  unwrapping(keys: PerCopy<string>, from: CopyName): KeyringNode;

  /**
   * Finds a vault's keys by the names that the plain header of one of its messages has for them, in
   * the header's order. Asks no key service: whether they exist, `states` says.
   * @returns `undefined` unless the names are of one key in each Region.
   */
  keysNamed(vaultId: string, names: readonly string[]): PerCopy<string> | undefined;

  /** What each Region's key service says of its key. */
  states(keys: PerCopy<string>): Promise<PerCopy<KeyState>>;

  /**
   * Gives a key the policy again that it was made with, as the installation would make it today.
   * @returns whether it had another one; `false` as well for a key that is gone.
   * @throws HoldfastError `KEYS_UNUSABLE` when the policy it has now does not let this be done.
   */
  restorePolicy(keyArn: string): Promise<boolean>;

  /** Tries whether the key of one Region opens anything. Never throws for a refusal. */
  probe(keys: PerCopy<string>, probes: PerCopy<string>, copy: CopyName): Promise<ProbeAnswer>;
}

/** A vault's new keys, by name, and its probes. */
export interface NewKeys {
  readonly keys: PerCopy<string>;
  readonly probes: PerCopy<string>;
}

/** The custody of the keys of one tier. */
export interface TierCustody extends Omit<KeyCustody, 'create'> {
  create(vaultId: string): Promise<NewKeys>;
}

/**
 * The destructive half, held by the erasing function alone.
 *
 * All methods but `state` and `destroyDue` throw HoldfastError `KEYS_UNUSABLE` when the state of
 * the key forbids what is asked: any change of a key that is gone, enabling one that waits for its
 * deletion.
 */
export interface KeyDestruction {
  /** Makes the key unusable; reversible. A key that is disabled or pending deletion stays so. */
  disable(keyArn: string): Promise<void>;
  /** Makes a disabled key usable again. */
  enable(keyArn: string): Promise<void>;
  /**
   * Starts the waiting period of 7 to 30 days. A key that waits already keeps its date.
   * @returns the deletion date the key service reports.
   */
  scheduleDeletion(keyArn: string, windowDays: number): Promise<Date>;
  /** Ends the waiting period; the key is disabled then. A key that does not wait is left alone. */
  cancelDeletion(keyArn: string): Promise<void>;
  /**
   * Deletes a key whose waiting period is over, where no service does so by itself, and looks
   * whether it is gone.
   * @returns whether it is; `false` as well for a key that a service deletes when it is due.
   */
  destroyDue(keyArn: string): Promise<boolean>;
  state(keyArn: string): Promise<KeyState>;
}

/**
 * - `Enabled`, `Disabled`: as KMS says
 * - `PendingDeletion`: unusable, `deletionDate` is set
 * - `Gone`: the key service does not know it (any more)
 * - `Other`: any state Holdfast's keys never have
 */
export interface KeyState {
  readonly state: 'Enabled' | 'Disabled' | 'PendingDeletion' | 'Gone' | 'Other';
  readonly deletionDate: Date | null;
}

export type ProbeAnswer =
  | { readonly outcome: 'opened' }
  | { readonly outcome: 'refused'; readonly answer: string };
