import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  DescribeTableCommand,
  type DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { LEDGER_TABLE } from '../config/ledger-table.ts';
import { workOwner } from '../domain/due-work.ts';
import { HoldfastError } from '../domain/errors.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import { recordName } from '../domain/record-name.ts';
import type { RecordKind } from '../domain/records.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  Change,
  Ledger,
  ListedKind,
  ParentId,
  RecordId,
  Stored,
  Work,
} from '../ports/ledger.ts';
import {
  dueLimit,
  fromItem,
  type ItemKey,
  keyOfId,
  keyOfRecord,
  type LedgerItem,
  type ListRange,
  listRange,
  pointerTo,
  toItem,
  type VaultPointer,
} from './ledger-items.ts';
import type { Pause } from './system-clock.ts';
import { awsAnswerOf } from './translate-errors.ts';

/** Tries of a transaction that others' transactions keep out; with the pauses about 3 s. */
const MAX_TRIES = 6;
const FIRST_PAUSE_MS = 50;

/** How long a table is taken for the one it was. A restore of even an empty table takes longer. */
const IDENTITY_MS = 60_000;

/** Reasons of a cancellation that pass by themselves (DynamoDB API, TransactWriteItems). */
const PASSING_REASONS = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** The ledger in one DynamoDB table. See `ledger-items.ts` for its layout. */
export class DynamoLedger implements Ledger {
  readonly #tables: DynamoDBClient;
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #clock: Clock;
  readonly #pause: Pause;
  #identity: { readonly id: string; readonly until: number } | undefined;

  constructor(options: { client: DynamoDBClient; table: string; clock: Clock; pause: Pause }) {
    this.#tables = options.client;
    this.#client = DynamoDBDocumentClient.from(options.client);
    this.#table = options.table;
    this.#clock = options.clock;
    this.#pause = options.pause;
  }

  async identity(): Promise<string> {
    const now = this.#clock.now().getTime();
    if (this.#identity === undefined || this.#identity.until <= now) {
      const command = new DescribeTableCommand({ TableName: this.#table });
      const { Table } = await this.#tables.send(command).catch((error: unknown) => {
        throw unavailable('describe table', error);
      });
      if (Table?.TableId === undefined) {
        throw new HoldfastError('LEDGER_UNAVAILABLE', { operation: 'describe table' });
      }
      this.#identity = { id: Table.TableId, until: now + IDENTITY_MS };
    }
    return this.#identity.id;
  }

  async get<Kind extends RecordKind>(
    kind: Kind,
    ...id: RecordId<Kind>
  ): Promise<Stored<Kind> | undefined> {
    const item = await this.#read(keyOfId(kind, id), `get ${kind}`);
    return item === undefined ? undefined : fromItem<Kind>(item);
  }

  async *list<Kind extends ListedKind>(
    kind: Kind,
    parent: ParentId<Kind>,
  ): AsyncIterable<Stored<Kind>> {
    const range = listRange(kind, parent);
    const [first, last] = range.between ?? [];
    if (first !== undefined && last !== undefined && first > last) {
      // DynamoDB refuses bounds in the wrong order instead of finding nothing between them.
      return;
    }
    const pages = this.#query(`list ${kind}`, {
      TableName: this.#table,
      ConsistentRead: true,
      ...keyCondition(range),
    });
    for await (const item of pages) {
      const found =
        'record' in item ? item : await this.#read(keyOfId('vault', [item.vaultId]), 'list vault');
      if (found !== undefined) {
        yield fromItem<Kind>(found);
      }
    }
  }

  async *due(work: Work, at: Date): AsyncIterable<string> {
    const items = this.#query(`list due ${work}`, {
      TableName: this.#table,
      IndexName: LEDGER_TABLE.workIndex.name,
      KeyConditionExpression: 'workQueue = :work AND workDue < :limit',
      ExpressionAttributeValues: { ':work': work, ':limit': dueLimit(at) },
    });
    for await (const item of items) {
      if ('record' in item) {
        yield workOwner(item.record);
      }
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    const writes = changes.map((change) => this.#put(change));
    const pointers = changes.flatMap((change) => this.#pointerPut(change));
    requireWritable(changes, writes.length + pointers.length);
    const command = new TransactWriteCommand({
      TransactItems: [...writes, ...pointers],
      // The same content always has the same token: DynamoDB then recognizes a repetition.
      ClientRequestToken: tokenOf(changes),
    });
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#client.send(command);
        return;
      } catch (error) {
        const refused = await this.#judge(error, changes, tries < MAX_TRIES);
        if (refused === 'landed') {
          return;
        }
        await this.#pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
      }
    }
  }

  /**
   * Decides what a failed transaction means.
   * @returns `landed`: exactly this write is in the table already; `again`: worth another try.
   */
  async #judge(
    error: unknown,
    changes: readonly Change[],
    mayRepeat: boolean,
  ): Promise<'landed' | 'again'> {
    const reasons =
      error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    const refused = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
    if (refused >= 0) {
      if (await this.#landed(changes)) {
        return 'landed';
      }
      // Pointers come after the records and have no condition: a refusal is always a record's.
      const [change] = changes.slice(refused);
      const record = change === undefined ? 'record' : recordName(change.record);
      throw new HoldfastError('LEDGER_CONFLICT', { record }, awsAnswerOf(error));
    }
    const passes = reasons.some(({ Code }) => PASSING_REASONS.includes(Code ?? ''));
    if (passes && mayRepeat) {
      return 'again';
    }
    throw unavailable('write', error);
  }

  async #landed(changes: readonly Change[]): Promise<boolean> {
    for (const { record, expect, removes = false } of changes) {
      const item = await this.#read(keyOfRecord(record), 'write');
      if (removes) {
        if (item !== undefined) {
          return false;
        }
        continue;
      }
      const isOurs = item?.version === versionAfter(expect);
      if (!isOurs || !isDeepStrictEqual(item.record, record)) {
        return false;
      }
    }
    return true;
  }

  async #read(key: ItemKey, operation: string): Promise<LedgerItem | undefined> {
    const { pk, sk } = key;
    const command = new GetCommand({
      TableName: this.#table,
      Key: { pk, sk },
      ConsistentRead: true,
    });
    try {
      return (await this.#client.send(command)).Item as LedgerItem | undefined;
    } catch (error) {
      throw unavailable(operation, error);
    }
  }

  async *#query(
    operation: string,
    input: QueryCommandInput,
  ): AsyncGenerator<LedgerItem | VaultPointer> {
    let start: Record<string, unknown> | undefined;
    do {
      const command = new QueryCommand({ ...input, ExclusiveStartKey: start });
      const page = await this.#client.send(command).catch((error: unknown) => {
        throw unavailable(operation, error);
      });
      yield* (page.Items ?? []) as (LedgerItem | VaultPointer)[];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  #put({ record, expect, removes = false }: Change): Write {
    const condition =
      expect === 'absent'
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#version = :expected',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':expected': expect },
          };
    const TableName = this.#table;
    if (removes) {
      const { pk, sk } = keyOfRecord(record);
      return { Delete: { TableName, Key: { pk, sk }, ...condition } };
    }
    return { Put: { TableName, Item: toItem(record, versionAfter(expect)), ...condition } };
  }

  #pointerPut(change: Change): Write[] {
    if (!createsVault(change)) {
      return [];
    }
    return [{ Put: { TableName: this.#table, Item: pointerTo(change.record) } }];
  }
}

function keyCondition({ pk, sk, between }: ListRange): Partial<QueryCommandInput> {
  if (between !== undefined) {
    return {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: { ':pk': pk, ':first': between[0], ':last': between[1] },
    };
  }
  if (sk === '') {
    return { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } };
  }
  return {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
    ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
  };
}

function createsVault(change: Change): change is Change & { record: { kind: 'vault' } } {
  return change.record.kind === 'vault' && change.expect === 'absent';
}

function versionAfter(expect: Change['expect']): number {
  return expect === 'absent' ? 1 : expect + 1;
}

function requireWritable(changes: readonly Change[], writes: number): void {
  const keys = new Set(changes.map(({ record }) => JSON.stringify(keyOfRecord(record))));
  if (writes === 0 || writes > MAX_LEDGER_WRITES || keys.size < changes.length) {
    throw new RangeError('A ledger write has 1 to 100 changes, each of another record.');
  }
}

/** At most 36 characters (DynamoDB API, ClientRequestToken). */
function tokenOf(changes: readonly Change[]): string {
  const content = JSON.stringify(
    changes.map(({ record, expect, removes = false }) => [expect, record, removes]),
  );
  return createHash('sha256').update(content).digest('hex').slice(0, 36);
}

function unavailable(operation: string, error: unknown): HoldfastError {
  return new HoldfastError('LEDGER_UNAVAILABLE', { operation }, awsAnswerOf(error));
}
