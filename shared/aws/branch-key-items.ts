import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { KEY_STORE_TABLE, USABLE_KEYS } from '../config/key-store.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { KeyState } from '../ports/key-custody.ts';
import { type BranchKeyPlace, parseBranchKeyName } from './branch-key-name.ts';
import { ownerOf } from './kms-faults.ts';
import { awsAnswerOf } from './translate-errors.ts';

export type Item = Record<string, AttributeValue>;

/** Sort key of the item without which the Encryption SDK does not use a branch key. */
const ACTIVE = 'branch:ACTIVE';
/** Sort key of the item that says when a suspended key is to be deleted. */
const DELETION = 'deletion';
const DELETION_DATE = 'deletion-date';

/**
 * The items of one branch key. They lie in the partition of its id while it can be used, and in one
 * that no decrypting role may read while it is suspended. KMS binds each item to the id: in another
 * partition it opens nothing, and moved back it does again.
 */
export class BranchKeyItems {
  readonly #name: string;
  readonly #place: BranchKeyPlace;
  readonly #client: DynamoDBClient;

  constructor(name: string, clientOf: (region: string) => DynamoDBClient) {
    this.#name = name;
    this.#place = parseBranchKeyName(name);
    this.#client = clientOf(this.#place.region);
  }

  /**
   * Where the key is, all its partitions read at one moment.
   * @throws HoldfastError `KEYS_UNAVAILABLE`.
   */
  async state(): Promise<KeyState> {
    const [usable, suspended, deletion] = await this.#together([
      [this.#usable, ACTIVE],
      [this.#suspended, ACTIVE],
      [this.#suspended, DELETION],
    ]);
    if (usable !== undefined) {
      return { state: 'Enabled', deletionDate: null };
    }
    if (suspended !== undefined) {
      const date = deletion?.[DELETION_DATE]?.S;
      return date === undefined
        ? { state: 'Disabled', deletionDate: null }
        : { state: 'PendingDeletion', deletionDate: new Date(date) };
    }
    const rest = [...(await this.#list(this.#usable)), ...(await this.#list(this.#suspended))];
    return { state: rest.length === 0 ? 'Gone' : 'Other', deletionDate: null };
  }

  /** Takes a usable key out of the reach of all roles that decrypt. */
  suspend(): Promise<boolean> {
    return this.#move(this.#usable, this.#suspended);
  }

  /** Gives a suspended key back, unless its deletion is scheduled. */
  resume(): Promise<boolean> {
    return this.#move(this.#suspended, this.#usable);
  }

  /** Writes when a suspended key is to be deleted, unless a date is written already. */
  schedule(date: Date): Promise<boolean> {
    const Item = { ...this.#key(this.#suspended, DELETION), [DELETION_DATE]: text(date) };
    return this.#write([this.#isSuspended(), { Put: { ...this.#absent(), Item } }]);
  }

  /** Takes the date of a suspended key away. */
  unschedule(): Promise<boolean> {
    const Key = this.#key(this.#suspended, DELETION);
    return this.#write([this.#isSuspended(), { Delete: { ...this.#present(), Key } }]);
  }

  /**
   * Deletes a suspended key for good, if its deletion is still scheduled for that date. That is
   * asked of the date itself, whether or not it is among what was listed: it may be called off in
   * between.
   */
  async delete(date: Date): Promise<boolean> {
    const items = await this.#list(this.#suspended);
    const names = items.map((item) => item[KEY_STORE_TABLE.sortKey]?.S ?? '');
    return this.#write([
      { Delete: { ...this.#dated(date), Key: this.#key(this.#suspended, DELETION) } },
      ...names
        .filter((name) => name !== DELETION)
        .map((name) => ({
          Delete: { ...this.#present(), Key: this.#key(this.#suspended, name) },
        })),
    ]);
  }

  async #move(from: string, to: string): Promise<boolean> {
    const items = await this.#list(from);
    if (items.length === 0) {
      return false;
    }
    const { partitionKey, sortKey } = KEY_STORE_TABLE;
    const notScheduled = { ...this.#absent(), Key: this.#key(this.#suspended, DELETION) };
    return this.#write([
      { ConditionCheck: notScheduled },
      ...items.flatMap((item): TransactWriteItem[] => [
        { Put: { ...this.#absent(), Item: { ...item, [partitionKey]: { S: to } } } },
        { Delete: { ...this.#present(), Key: this.#key(from, item[sortKey]?.S ?? '') } },
      ]),
    ]);
  }

  /** @returns whether it was written; `false` when somebody else has changed the key. */
  async #write(TransactItems: TransactWriteItem[]): Promise<boolean> {
    if (TransactItems.length === 0) {
      return false;
    }
    try {
      await this.#client.send(new TransactWriteItemsCommand({ TransactItems }));
      return true;
    } catch (error) {
      if (awsAnswerOf(error).code === 'TransactionCanceledException') {
        return false;
      }
      throw this.#unavailable(error);
    }
  }

  async #together(keys: readonly (readonly [string, string])[]): Promise<(Item | undefined)[]> {
    const TransactItems = keys.map(([partition, sort]) => ({
      Get: { TableName: this.#place.table, Key: this.#key(partition, sort) },
    }));
    try {
      const answer = await this.#client.send(new TransactGetItemsCommand({ TransactItems }));
      return (answer.Responses ?? []).map(({ Item }) => Item);
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  /** A key has three items, and a date at most: one page. */
  async #list(partition: string): Promise<Item[]> {
    const command = new QueryCommand({
      TableName: this.#place.table,
      ConsistentRead: true,
      KeyConditionExpression: '#partition = :partition',
      ExpressionAttributeNames: { '#partition': KEY_STORE_TABLE.partitionKey },
      ExpressionAttributeValues: { ':partition': { S: partition } },
    });
    try {
      return (await this.#client.send(command)).Items ?? [];
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  get #usable(): string {
    return this.#place.branchKeyId;
  }

  get #suspended(): string {
    return `off-${this.#place.branchKeyId.slice(USABLE_KEYS.length)}`;
  }

  #key(partition: string, sort: string): Item {
    const { partitionKey, sortKey } = KEY_STORE_TABLE;
    return { [partitionKey]: { S: partition }, [sortKey]: { S: sort } };
  }

  #isSuspended(): TransactWriteItem {
    return { ConditionCheck: { ...this.#present(), Key: this.#key(this.#suspended, ACTIVE) } };
  }

  #absent() {
    return this.#conditional('attribute_not_exists');
  }

  #present() {
    return this.#conditional('attribute_exists');
  }

  #conditional(condition: 'attribute_exists' | 'attribute_not_exists') {
    return {
      TableName: this.#place.table,
      ConditionExpression: `${condition}(#partition)`,
      ExpressionAttributeNames: { '#partition': KEY_STORE_TABLE.partitionKey },
    };
  }

  #dated(date: Date) {
    return {
      TableName: this.#place.table,
      ConditionExpression: '#date = :date',
      ExpressionAttributeNames: { '#date': DELETION_DATE },
      ExpressionAttributeValues: { ':date': text(date) },
    };
  }

  #unavailable(error: unknown): HoldfastError {
    return new HoldfastError('KEYS_UNAVAILABLE', ownerOf(this.#name), awsAnswerOf(error));
  }
}

function text(date: Date): AttributeValue {
  return { S: date.toISOString() };
}
