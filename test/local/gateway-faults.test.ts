import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultPlan } from '../../local/faults.ts';
import { OPERATOR, recordingService, startTestGateway } from './gateway-fixture.ts';

let local: Awaited<ReturnType<typeof startTestGateway>>;
let s3Service: ReturnType<typeof recordingService>;
let jsonService: ReturnType<typeof recordingService>;
let killed: number;

beforeEach(async () => {
  s3Service = recordingService('s3');
  jsonService = recordingService('dynamodb');
  killed = 0;
  const kill = (): void => {
    killed += 1;
    local.gateway.stop(0).catch(() => undefined);
  };
  local = await startTestGateway(() => [s3Service, jsonService], { kill });
});
afterEach(() => local.close());

function options(region: string) {
  return { region, endpoint: local.endpoint, maxAttempts: 1, credentials: OPERATOR };
}

async function get(region = 'eu-central-1', key = 'k'): Promise<string> {
  const client = new S3Client({ ...options(region), forcePathStyle: true });
  try {
    await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
    return 'ok';
  } catch (error) {
    return (error as Error).name;
  } finally {
    client.destroy();
  }
}

async function put(pk: string): Promise<string> {
  const client = new DynamoDBClient(options('eu-central-1'));
  try {
    await client.send(new PutItemCommand({ TableName: 'table', Item: { pk: { S: pk } } }));
    return 'ok';
  } catch (error) {
    return (error as Error).name;
  } finally {
    client.destroy();
  }
}

describe('a planned error', () => {
  const error = { code: 'SlowDown', status: 503 };

  test('strikes as often as planned, is not performed, and counts', async () => {
    const { id } = local.faults.plan({ operation: 'GetObject', times: 2, error });
    expect([await get(), await get(), await get()]).toEqual(['SlowDown', 'SlowDown', 'ok']);
    expect(s3Service.requests).toHaveLength(1);
    expect(local.faults.list()).toMatchObject([{ id, times: 2, fired: 2, remaining: 0 }]);
  });

  test('strikes only its service, Region, operation and match', async () => {
    const plan = { service: 's3', region: 'us-east-1', operation: '*', match: '/packs/', error };
    local.faults.plan(plan);
    local.faults.plan({ operation: 'HeadObject', error });
    expect(await get('eu-central-1', 'packs/1')).toBe('ok');
    expect(await get('us-east-1', 'manifests/packs')).toBe('ok');
    expect(await put('/packs/')).toBe('ok');
    expect(await get('us-east-1', 'x/packs/1')).toBe('SlowDown');
    expect(local.faults.list().map((fault) => fault.remaining)).toEqual([0, 1]);
  });

  test('of a JSON service has its wire form and may match on the body', async () => {
    const code = 'ProvisionedThroughputExceededException';
    local.faults.plan({ operation: 'PutItem', match: 'b-2', error: { code, status: 400 } });
    expect([await put('b-1'), await put('b-2'), await put('b-2')]).toEqual(['ok', code, 'ok']);
  });
});

test('a dropped answer is performed, but the client sees its connection cut', async () => {
  local.faults.plan({ operation: 'PutItem', dropAnswer: true });
  expect(await put('dropped')).not.toBe('ok');
  expect(jsonService.bodies.at(-1)).toContain('dropped');
  expect(await put('next')).toBe('ok');
});

test('a delay waits, then performs', async () => {
  local.faults.plan({ operation: 'GetObject', delayMs: 60 });
  const before = performance.now();
  expect(await get()).toBe('ok');
  expect(performance.now() - before).toBeGreaterThanOrEqual(55);
});

test.each([
  [{ operation: 'PutItem', kill: true }, 0],
  [{ operation: 'PutItem', kill: true, dropAnswer: true }, 1],
])('%o kills the process, performing the operation %i times', async (plan, performed) => {
  local.faults.plan(plan);
  expect(await put('x')).not.toBe('ok');
  expect(killed).toBe(1);
  expect(jsonService.requests).toHaveLength(performed);
});

test('an unforeseen failure of a service is a 500 that tells the client nothing', async () => {
  s3Service.handle = async () => {
    throw new Error('inner detail');
  };
  expect(await get()).toBe('InternalError');
  expect(local.errors).toHaveLength(1);
});

describe('the control plane', () => {
  const send = (method: string, body?: unknown, query = '') =>
    fetch(`${local.endpoint}/_local/faults${query}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  test('plans, lists and clears faults', async () => {
    const plan: FaultPlan = { operation: 'GetObject', error: { code: 'SlowDown', status: 503 } };
    const posted = await send('POST', [plan, { operation: '*', delayMs: 0 }]);
    expect(posted.status).toBe(201);
    expect(await get()).toBe('SlowDown');
    expect(await (await send('GET')).json()).toMatchObject({
      faults: [
        { id: 'fault-1', fired: 1, remaining: 0 },
        { id: 'fault-2', fired: 0, remaining: 1 },
      ],
    });
    await send('DELETE', undefined, '?id=fault-1');
    expect(local.faults.list().map((fault) => fault.id)).toEqual(['fault-2']);
    await send('DELETE');
    expect(local.faults.list()).toEqual([]);
  });

  test.each([
    [{ operation: 'GetObject' }, 'at least one effect'],
    [{ delayMs: 1 }, 'operation is missing'],
    [{ operation: '*', delayMs: 1, oops: 1 }, 'unknown field oops'],
    [{ operation: '*', delayMs: -1 }, 'delayMs has a wrong value'],
    [{ operation: '*', times: 0, kill: true }, 'times has a wrong value'],
    [{ operation: '*', error: { code: 'X', status: 200 } }, 'error has a wrong value'],
    ['nonsense', 'JSON object'],
  ])('refuses the plan %o', async (plan, message) => {
    const response = await send('POST', plan);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(message);
    expect(local.faults.list()).toEqual([]);
  });
});
