import type { ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import {
  type JsonObject,
  parseJsonObject,
  readBody,
  targetOperation,
  writeJson,
  writeJsonError,
} from '../gateway/json-protocol.ts';
import { LocalAwsError, type LocalRequest, type LocalService } from '../gateway/service.ts';
import { openStateDatabase } from '../state-database.ts';
import { ContinuousBackups } from './continuous-backups.ts';
import { createEngineClient, type EngineAnswer } from './engine-client.ts';
import { startEngine } from './engine-process.ts';
import { findEngine } from './find-engine.ts';
import { arnPrefix, delocaliseArns, localiseArns } from './table-arn.ts';

const DATABASE_API = 'DynamoDB_20120810';
const STREAMS_API = 'DynamoDBStreams_20120810';

/** The embedded DynamoDB. */
export interface DynamoDbService extends LocalService {
  /** Which engine keeps the tables. */
  readonly engine: 'Dynoxide' | 'DynamoDB Local';
  stop(): Promise<void>;
}

/**
 * Starts a DynamoDB engine under `dataDirectory` and passes calls on to it. The Region does not
 * choose a set of tables: a table is seen from every Region, as a table with a replica in each
 * would be, only without the delay. Continuous backups are a stored setting. TTL runs on the
 * machine's clock, if the engine deletes expired items at all.
 *
 * @throws EngineMissingError when there is none to start.
 * @throws EngineStartError when it does not start.
 */
export async function startDynamoDb(options: { dataDirectory: string }): Promise<DynamoDbService> {
  const { dataDirectory } = options;
  const engine = await findEngine(dataDirectory);
  const running = await startEngine(engine);
  const client = createEngineClient(running.port);
  const database = openStateDatabase(dataDirectory, 'dynamodb-settings');
  const backups = new ContinuousBackups(database);

  async function passOn(request: LocalRequest, operation: string, body: Buffer) {
    const api = String(request.headers['x-amz-target']).split('.')[0];
    const prefix = callerArnPrefix(request);
    const sent = delocaliseArns(operation, body, prefix, engine.name);
    const answer = await client.call(`${api}.${operation}`, sent);
    return { ...answer, body: localiseArns(operation, answer.body, prefix) };
  }

  /** @throws LocalAwsError `TableNotFoundException` when the engine has no such table. */
  async function existingTable(input: JsonObject): Promise<string> {
    const TableName = String(input.TableName).split('/').at(-1) ?? '';
    const body = Buffer.from(JSON.stringify({ TableName }), 'utf8');
    const { status } = await client.call(`${DATABASE_API}.DescribeTable`, body);
    if (status === 200) return TableName;
    throw new LocalAwsError('TableNotFoundException', 400, `Table not found: ${TableName}`);
  }

  async function handle(request: LocalRequest, response: ServerResponse): Promise<void> {
    const operation = operationOf(request) ?? '';
    const body = await readBody(request.body);
    if (operation === 'UpdateContinuousBackups' || operation === 'DescribeContinuousBackups') {
      const input = parseJsonObject(body);
      const table = await existingTable(input);
      const isUpdate = operation === 'UpdateContinuousBackups';
      const value = isUpdate ? backups.update(table, input) : backups.describe(table);
      return writeJson(response, 200, value, '1.0');
    }
    const answer = await passOn(request, operation, body);
    if (operation === 'DeleteTable' && answer.status === 200) {
      backups.forget(String(parseJsonObject(body).TableName));
    }
    refuseUnknown(engine.name, operation, answer);
    writeAnswer(response, answer);
  }

  return {
    signingNames: ['dynamodb'],
    engine: engine.name,
    operationOf,
    async handle(request, response) {
      try {
        await handle(request, response);
      } catch (error) {
        if (!(error instanceof LocalAwsError)) throw error;
        writeJsonError(response, error, '1.0');
      }
    },
    fail: (_request, response, error) => writeJsonError(response, error, '1.0'),
    async stop() {
      client.close();
      await running.stop();
      database.close();
    },
  };
}

function operationOf(request: LocalRequest): string | undefined {
  return targetOperation(request, [DATABASE_API, STREAMS_API]);
}

function callerArnPrefix(request: LocalRequest): string {
  const partition = request.identity.arn.split(':')[1] ?? 'aws';
  return arnPrefix(partition, request.region, request.identity.accountId);
}

/** The engine says only that it does not know a call; the caller should read which one. */
function refuseUnknown(engineName: string, operation: string, answer: EngineAnswer): void {
  if (answer.status !== 400 || answer.body.length > 200) return;
  if (!answer.body.includes('UnknownOperationException')) return;
  throw new LocalAwsError(
    'UnknownOperationException',
    400,
    `local dynamodb (${engineName}) has no operation ${operation || '(X-Amz-Target is missing)'}`,
  );
}

function writeAnswer(response: ServerResponse, answer: EngineAnswer): void {
  response.writeHead(answer.status, {
    'content-type': answer.headers['content-type'] ?? 'application/x-amz-json-1.0',
    'content-length': answer.body.length,
    // Some SDKs compare it; it is computed again because ARNs may have been exchanged.
    'x-amz-crc32': crc32(answer.body),
  });
  response.end(answer.body);
}
