import { BranchKeyStoreNode } from '@aws-crypto/branch-keystore-node';
import type { KeyringNode } from '@aws-crypto/material-management-node';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { keyStoreTable, rootKeyAlias, USABLE_KEYS } from '../config/key-store.ts';
import { COPY_NAMES, type CopyName, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { KeyState, NewKeys, ProbeAnswer, TierCustody } from '../ports/key-custody.ts';
import { BranchKeyItems } from './branch-key-items.ts';
import { branchKeyName, parseBranchKeyName } from './branch-key-name.ts';
import { BRANCH_KEY_ABSENT, type BranchKeyClients, BranchKeyring } from './branch-keyring.ts';
import { recoveryOf } from './key-store-recovery.ts';
import { ownerOf } from './kms-faults.ts';
import { awsAnswerOf } from './translate-errors.ts';

export interface BranchKeyCustodyOptions {
  readonly installation: string;
  readonly partition: string;
  readonly account: string;
  readonly regions: PerCopy<string>;
  readonly clients: BranchKeyClients;
  /** Gives that many unpredictable bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
}

/** Tells the two keys of a vault apart, and those of a registration that broke off. */
const SUFFIX_BYTES = 8;

/** Bound to every branch key, and shown in CloudTrail: the vault's id alone. */
const VAULT_CONTEXT = 'vault';

/**
 * Branch keys in the Encryption SDK's own key store: one per vault and Region, wrapped under the
 * one root key of that Region.
 *
 * They have no probe ciphertext: who proves their destruction is not to reach the root key. What is
 * asked instead is whether the key store still has an item of the key, wherever, and whether
 * DynamoDB keeps what is deleted from it.
 */
export class BranchKeyCustody implements TierCustody {
  readonly #options: BranchKeyCustodyOptions;

  constructor(options: BranchKeyCustodyOptions) {
    this.#options = options;
  }

  async create(vaultId: string): Promise<NewKeys> {
    const keys = await inBothCopies((copy) => this.#createOne(vaultId, copy));
    return { keys, probes: keys };
  }

  async sealProbes(keys: PerCopy<string>): Promise<PerCopy<string>> {
    const states = await this.states(keys);
    for (const copy of COPY_NAMES) {
      const { state } = states[copy];
      if (state !== 'Enabled') {
        throw new HoldfastError('KEYS_UNUSABLE', { ...ownerOf(keys[copy]), states: state });
      }
    }
    return keys;
  }

  wrapping({ primary, secondary }: PerCopy<string>): KeyringNode {
    return new BranchKeyring([primary, secondary], this.#options.clients);
  }

  unwrapping(keys: PerCopy<string>, from: CopyName): KeyringNode {
    return new BranchKeyring([keys[from]], this.#options.clients);
  }

  keysNamed(vaultId: string, names: readonly string[]): PerCopy<string> | undefined {
    const start = `${USABLE_KEYS}${vaultId}-`;
    // format.md 2.7: an id has no Region, their order has it.
    const [primary, secondary] = names.filter((name) => name.startsWith(start));
    return primary === undefined || secondary === undefined
      ? undefined
      : {
          primary: this.#nameOf('primary', primary),
          secondary: this.#nameOf('secondary', secondary),
        };
  }

  states(keys: PerCopy<string>): Promise<PerCopy<KeyState>> {
    return inBothCopies((copy) => this.#stateOf(keys[copy]));
  }

  /** A branch key has no policy of its own. */
  async restorePolicy(): Promise<boolean> {
    return false;
  }

  async probe(
    keys: PerCopy<string>,
    _probes: PerCopy<string>,
    copy: CopyName,
  ): Promise<ProbeAnswer> {
    const { state } = await this.#stateOf(keys[copy]);
    if (state === 'Enabled') {
      return { outcome: 'opened' };
    }
    const answer =
      state === 'Gone'
        ? ((await this.#recoveryOf(keys[copy])) ?? BRANCH_KEY_ABSENT)
        : `BranchKey${state}`;
    return { outcome: 'refused', answer };
  }

  /** An entry that DynamoDB still has somewhere is not gone. */
  async #recoveryOf(name: string): Promise<string | null> {
    const { region, table } = parseBranchKeyName(name);
    try {
      return await recoveryOf(this.#options.clients.dynamoDbOf(region), region, table);
    } catch (error) {
      throw new HoldfastError('KEYS_UNAVAILABLE', ownerOf(name), awsAnswerOf(error));
    }
  }

  async #createOne(vaultId: string, copy: CopyName): Promise<string> {
    const { installation, regions, clients, randomBytes } = this.#options;
    const table = keyStoreTable(installation, copy);
    const kmsClient = clients.kmsOf(regions[copy]);
    const suffix = Buffer.from(randomBytes(SUFFIX_BYTES)).toString('hex');
    const branchKeyId = `${USABLE_KEYS}${vaultId}-${suffix}`;
    try {
      const alias = new DescribeKeyCommand({ KeyId: rootKeyAlias(installation) });
      const { KeyMetadata } = await kmsClient.send(alias);
      const store = new BranchKeyStoreNode({
        logicalKeyStoreName: table,
        storage: { ddbTableName: table, ddbClient: clients.dynamoDbOf(regions[copy]) },
        keyManagement: { kmsClient },
        kmsConfiguration: { identifier: KeyMetadata?.Arn ?? '' },
      });
      await store.createKey({
        branchKeyIdentifier: branchKeyId,
        encryptionContext: { [VAULT_CONTEXT]: vaultId },
      });
    } catch (error) {
      throw new HoldfastError('KEYS_UNAVAILABLE', { vaultId }, awsAnswerOf(error));
    }
    return this.#nameOf(copy, branchKeyId);
  }

  #nameOf(copy: CopyName, branchKeyId: string): string {
    const { installation, partition, account, regions } = this.#options;
    const table = keyStoreTable(installation, copy);
    return branchKeyName({ partition, account, region: regions[copy], table, branchKeyId });
  }

  #stateOf(name: string): Promise<KeyState> {
    return new BranchKeyItems(name, this.#options.clients.dynamoDbOf).state();
  }
}
