import { BranchKeyStoreNode } from '@aws-crypto/branch-keystore-node';
import {
  KmsHierarchicalKeyRingNode,
  type KmsHierarchicalKeyRingNodeInput,
} from '@aws-crypto/kms-keyring-node';
import {
  type EncryptedDataKey,
  KeyringNode,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from '@aws-crypto/material-management-node';
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { KMS } from '@aws-sdk/client-kms';
import { HoldfastError } from '../domain/errors.ts';
import { GONE_ANSWER } from '../domain/key-tier.ts';
import { type BranchKeyPlace, parseBranchKeyName } from './branch-key-name.ts';
import { ownerOf } from './kms-faults.ts';
import { awsAnswerOf } from './translate-errors.ts';

/** The clients of each Region. */
export interface BranchKeyClients {
  readonly dynamoDbOf: (region: string) => DynamoDBClient;
  readonly kmsOf: (region: string) => KMS;
}

/** What a key store without the key is reported as; also the answer of a probe. */
export const BRANCH_KEY_ABSENT = GONE_ANSWER['shared-root'];

type MaterialsCache = NonNullable<KmsHierarchicalKeyRingNodeInput['cache']>;
type BranchKeyMaterial = Parameters<MaterialsCache['putBranchKeyMaterial']>[1];
type Failure = 'absent' | { readonly error: unknown };

/**
 * The Encryption SDK's hierarchical keyring over the branch keys of one or two Regions. It throws
 * Holdfast's own errors, and it keeps no branch key: each call reads the key store anew, with a
 * consistent read, and overwrites what it got. A key kept in memory would outlive its suspension
 * (format.md 2.7).
 */
export class BranchKeyring extends KeyringNode {
  readonly #names: readonly string[];
  readonly #clients: BranchKeyClients;

  /** @param names - branch keys; each wraps, and the first unwraps. */
  constructor(names: readonly string[], clients: BranchKeyClients) {
    super();
    this.#names = names;
    this.#clients = clients;
  }

  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    for (const name of this.#names) {
      await this.#run(name, (keyring) => keyring.onEncrypt(material));
    }
    return material;
  }

  override async _onDecrypt(
    material: NodeDecryptionMaterial,
    encryptedDataKeys: EncryptedDataKey[],
  ): Promise<NodeDecryptionMaterial> {
    const [name = ''] = this.#names;
    return this.#run(name, (keyring) => keyring.onDecrypt(material, encryptedDataKeys));
  }

  async #run<Material>(
    name: string,
    use: (keyring: KeyringNode) => Promise<Material>,
  ): Promise<Material> {
    const failures: Failure[] = [];
    const place = parseBranchKeyName(name);
    const cache = new OneCallCache();
    const keyring = new KmsHierarchicalKeyRingNode({
      branchKeyId: place.branchKeyId,
      keyStore: keyStore(place, this.#clients, failures),
      cacheLimitTtl: 0,
      cache,
    });
    try {
      return await use(keyring);
    } catch (error) {
      throw faultOf(name, failures.at(-1), error);
    } finally {
      cache.overwrite();
    }
  }
}

/** A failure that the key store did not cause is the message's: it is passed on as it is. */
function faultOf(name: string, failure: Failure | undefined, error: unknown): unknown {
  if (failure === undefined) {
    return error;
  }
  return failure === 'absent'
    ? new HoldfastError('KEYS_UNUSABLE', { ...ownerOf(name), states: BRANCH_KEY_ABSENT })
    : // Also when KMS judged: the root key is the installation's, and its state no vault's.
      new HoldfastError('KEYS_UNAVAILABLE', ownerOf(name), awsAnswerOf(failure.error));
}

/** The root key is the one each item names, which KMS authenticates. */
function keyStore(
  { region, table }: BranchKeyPlace,
  { dynamoDbOf, kmsOf }: BranchKeyClients,
  failures: Failure[],
): BranchKeyStoreNode {
  const note = (error: unknown): never => {
    failures.push({ error });
    throw error;
  };
  const dynamoDb = dynamoDbOf(region);
  const ddbClient = sendingBy(dynamoDb, async (command: GetItemCommand) => {
    const read = new GetItemCommand({ ...command.input, ConsistentRead: true });
    const answer = await dynamoDb.send(read).catch(note);
    if (answer.Item === undefined) {
      failures.push('absent');
    }
    return answer;
  });
  const kms = kmsOf(region);
  const kmsClient = sendingBy(kms, (command: Parameters<KMS['send']>[0]) =>
    kms.send(command).catch(note),
  );
  return new BranchKeyStoreNode({
    logicalKeyStoreName: table,
    storage: { ddbTableName: table, ddbClient },
    keyManagement: { kmsClient },
    kmsConfiguration: 'discovery',
  });
}

/** A client that sends in another way. The key store wants an instance of the SDK's own class. */
function sendingBy<Client extends object, Command>(
  client: Client,
  send: (command: Command) => Promise<unknown>,
): Client {
  return Object.create(client, { send: { value: send } }) as Client;
}

/** A keyring must have a cache: this one holds what one call needs, and overwrites it. */
class OneCallCache implements MaterialsCache {
  readonly #held: BranchKeyMaterial[] = [];

  putBranchKeyMaterial(_key: string, material: BranchKeyMaterial): void {
    this.#held.push(material);
  }

  overwrite(): void {
    for (const material of this.#held.splice(0)) {
      material.zeroUnencryptedDataKey();
    }
  }

  getBranchKeyMaterial(): false {
    return false;
  }

  getEncryptionMaterial(): false {
    return false;
  }

  getDecryptionMaterial(): false {
    return false;
  }

  putEncryptionMaterial(): void {}

  putDecryptionMaterial(): void {}

  del(): void {}
}
