import type { KeyringNode } from '@aws-crypto/material-management-node';
import type { CopyName, PerCopy } from '../domain/copy-name.ts';
import { KEY_TIERS, type KeyTier, tierOf, tierOfKey } from '../domain/key-tier.ts';
import type {
  KeyCustody,
  KeyDestruction,
  KeyState,
  NewKeys,
  ProbeAnswer,
  TierCustody,
} from '../ports/key-custody.ts';

/** Both tiers behind one custody: a key's name says which one keeps it. */
export class TieredCustody implements KeyCustody {
  readonly #tiers: Readonly<Record<KeyTier, TierCustody>>;

  constructor(tiers: Readonly<Record<KeyTier, TierCustody>>) {
    this.#tiers = tiers;
  }

  create(vaultId: string, tier: KeyTier): Promise<NewKeys> {
    return this.#tiers[tier].create(vaultId);
  }

  sealProbes(keys: PerCopy<string>): Promise<PerCopy<string>> {
    return this.#of(keys).sealProbes(keys);
  }

  wrapping(keys: PerCopy<string>): KeyringNode {
    return this.#of(keys).wrapping(keys);
  }

  unwrapping(keys: PerCopy<string>, from: CopyName): KeyringNode {
    return this.#of(keys).unwrapping(keys, from);
  }

  keysNamed(vaultId: string, names: readonly string[]): PerCopy<string> | undefined {
    const found = KEY_TIERS.map((tier) => this.#tiers[tier].keysNamed(vaultId, names));
    return found.find((keys) => keys !== undefined);
  }

  states(keys: PerCopy<string>): Promise<PerCopy<KeyState>> {
    return this.#of(keys).states(keys);
  }

  restorePolicy(key: string): Promise<boolean> {
    return this.#tiers[tierOfKey(key)].restorePolicy(key);
  }

  probe(keys: PerCopy<string>, probes: PerCopy<string>, copy: CopyName): Promise<ProbeAnswer> {
    return this.#of(keys).probe(keys, probes, copy);
  }

  #of(keys: PerCopy<string>): TierCustody {
    return this.#tiers[tierOf(keys)];
  }
}

/** Both tiers behind one destruction. */
export class TieredDestruction implements KeyDestruction {
  readonly #tiers: Readonly<Record<KeyTier, KeyDestruction>>;

  constructor(tiers: Readonly<Record<KeyTier, KeyDestruction>>) {
    this.#tiers = tiers;
  }

  disable(key: string): Promise<void> {
    return this.#of(key).disable(key);
  }

  enable(key: string): Promise<void> {
    return this.#of(key).enable(key);
  }

  scheduleDeletion(key: string, windowDays: number): Promise<Date> {
    return this.#of(key).scheduleDeletion(key, windowDays);
  }

  cancelDeletion(key: string): Promise<void> {
    return this.#of(key).cancelDeletion(key);
  }

  destroyDue(key: string): Promise<boolean> {
    return this.#of(key).destroyDue(key);
  }

  state(key: string): Promise<KeyState> {
    return this.#of(key).state(key);
  }

  #of(key: string): KeyDestruction {
    return this.#tiers[tierOfKey(key)];
  }
}
