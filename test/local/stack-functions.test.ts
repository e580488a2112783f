import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, functionArn, functionNamed, PRIMARY, TestApp, until } from './stack-app.ts';

const CODE = {
  environment: 'export const handler = async () => ({ ...process.env });',
  clock: `export const handler = async () => ({
    now: new Date().toISOString(), epoch: Date.now(), text: Date(),
    fixed: new Date(0).toISOString(), same: new Date() instanceof Date,
    copied: new (new Date().constructor)().getTime(), utc: Date.UTC(2020, 0, 1),
  });`,
  context: `export const handler = async (event, context) => ({
    event, name: context.functionName, arn: context.invokedFunctionArn,
    memory: context.memoryLimitInMB, id: context.awsRequestId,
    remaining: context.getRemainingTimeInMillis(), cwd: process.cwd(),
  });`,
  warm: 'let count = 0; export const handler = async () => ++count;',
  failing: `class NoSuchVault extends Error { name = 'VAULT_UNKNOWN'; }
    export const handler = async () => { throw new NoSuchVault('no vault 7'); };`,
  slow: `export const handler = async () => await new Promise(() => {
    console.log('waiting'); setInterval(() => {}, 1000); });`,
  exiting: 'export const handler = async () => process.exit(3);',
  rejecting: `export const handler = async () => {
    Promise.reject(new Error('left alone')); await new Promise(() => {}); };`,
  hungry: 'export const handler = async () => { let list; for (;;) list = { list }; };',
  printing: `export const handler = async () => {
    console.log('one line'); process.stdout.write('two '); process.stdout.write('pieces\\n');
    console.error('to stderr');
    console.log(JSON.stringify({ _aws: { Timestamp: 1764000000000, CloudWatchMetrics: [
      { Namespace: 'Test', Dimensions: [['Kind']], Metrics: [{ Name: 'Runs', Unit: 'Count' }] }] },
      Kind: 'full', Runs: [1, 2] }));
  };`,
  broken: 'throw new Error("cannot start");',
  unexported: 'export const other = 1;',
};

const names = Object.keys(CODE);
const app = new TestApp([
  {
    name: 'functions',
    code: CODE,
    resources: {
      ...Object.fromEntries(names.map((name) => [name, functionNamed(name)])),
      environment: functionNamed('environment', {
        Environment: { Variables: { TABLE: 'ledger' } },
        MemorySize: 256,
        LoggingConfig: { LogGroup: '/test/environment' },
      }),
      slow: functionNamed('slow', { Timeout: 1 }),
      hungry: functionNamed('hungry', { MemorySize: 128 }),
    },
  },
]);

beforeAll(async () => {
  await app.start();
});
afterAll(async () => await app.remove());

describe('a function', () => {
  test('has exactly the variables of its template, of the runtime, and the endpoint', async () => {
    const environment = await app.invoke('environment');
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, ...others } = environment;
    expect(others).toEqual({
      TABLE: 'ledger',
      AWS_REGION: PRIMARY,
      AWS_DEFAULT_REGION: PRIMARY,
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_LOG_GROUP_NAME: '/test/environment',
      LAMBDA_TASK_ROOT: join(app.root, 'cdk.out/asset.environment'),
      TZ: ':UTC',
      AWS_ENDPOINT_URL: app.aws.endpoint,
    });
    const found = app.aws.identities.find(String(AWS_ACCESS_KEY_ID));
    expect(found?.secretAccessKey).toBe(AWS_SECRET_ACCESS_KEY);
    expect(found?.identity.arn).toBe(
      `arn:aws:sts::${ACCOUNT}:assumed-role/environment-role/environment`,
    );
    expect(AWS_SESSION_TOKEN).toEqual(expect.any(String));
  });

  test('gets its event and a context', async () => {
    const answer = await app.invoke('context', { vaultId: 7 });
    expect(answer).toMatchObject({
      event: { vaultId: 7 },
      name: 'context',
      arn: functionArn('context'),
      memory: '128',
      cwd: process.cwd(),
    });
    expect(answer.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.remaining).toBeGreaterThan(10_000);
    expect(answer.remaining).toBeLessThanOrEqual(20_000);
  });

  test('stays warm between invocations, and several run at once', async () => {
    expect(await app.invoke('warm')).toBe(1);
    expect(await app.invoke('warm')).toBe(2);
    const together = await Promise.all([app.invoke('warm'), app.invoke('warm')]);
    expect(together.map(Number).sort()).toEqual([1, 3]);
  });

  test('sees a moved clock at once, in every form of Date', async () => {
    const before = await app.invoke('clock');
    const from = app.aws.clock.now();
    expect(Math.abs(Number(before.epoch) - from.getTime())).toBeLessThan(5_000);
    await app.aws.clock.moveTo(new Date(from.getTime() + 40 * 86_400_000));
    const after = await app.invoke('clock');
    const now = app.aws.clock.now().getTime();
    for (const seen of [after.epoch, Date.parse(String(after.now)), after.copied]) {
      expect(Math.abs(Number(seen) - now)).toBeLessThan(5_000);
    }
    expect(Math.abs(Date.parse(String(after.text)) - now)).toBeLessThan(5_000);
    expect(after).toMatchObject({
      fixed: '1970-01-01T00:00:00.000Z',
      same: true,
      utc: Date.UTC(2020, 0, 1),
    });
  });
});

describe('a failing function', () => {
  test('answers with the name and message of its error', async () => {
    const answer = await app.lambda().send(new InvokeCommand({ FunctionName: 'failing' }));
    expect(answer.FunctionError).toBe('Unhandled');
    const payload = JSON.parse(answer.Payload?.transformToString() ?? '');
    expect(payload).toMatchObject({ errorType: 'VAULT_UNKNOWN', errorMessage: 'no vault 7' });
    expect(payload.trace[0]).toContain('VAULT_UNKNOWN');
  });

  test('that takes longer than its timeout is ended', async () => {
    expect(await app.invoke('slow')).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/Task timed out after 1\.00 seconds$/),
    });
  });

  test('that ends its process fails with its exit status', async () => {
    expect(await app.invoke('exiting')).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
    expect(await app.invoke('exiting')).toMatchObject({ errorType: 'Runtime.ExitError' });
  });

  test('that leaves a promise rejected fails', async () => {
    expect(await app.invoke('rejecting')).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'left alone',
    });
  });

  test('that needs more memory than it has fails', async () => {
    expect(await app.invoke('hungry')).toMatchObject({ errorType: 'Runtime.OutOfMemory' });
  });

  test('whose module or handler is no good says so', async () => {
    expect(await app.invoke('broken')).toMatchObject({ errorMessage: 'cannot start' });
    expect(await app.invoke('unexported')).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: 'index.handler is undefined or not exported',
    });
  });

  test('can be killed from outside while it runs', async () => {
    const slow = app.invoke('slow');
    await until(() => (app.aws.logs.read('slow') ?? '').endsWith('waiting\n'));
    expect(await app.control('POST', '/_local/lambda/slow/kill')).toEqual({
      name: 'slow',
      killed: 1,
    });
    expect(await slow).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: killed'),
    });
  });
});

describe('the log of a function', () => {
  test('has what it printed before its answer is given out', async () => {
    await app.invoke('printing');
    const lines = readFileSync(join(app.data, 'logs/printing.log'), 'utf8').split('\n');
    expect(lines.slice(0, 3)).toEqual(['one line', 'two pieces', 'to stderr']);
    expect(await app.control('GET', '/_local/logs/printing')).toMatchObject({
      log: expect.stringContaining('two pieces\n'),
    });
    expect(await app.control('GET', '/_local/logs')).toMatchObject({
      functions: expect.arrayContaining(['printing']),
    });
  });

  test('gives its embedded metrics to the control plane', async () => {
    const { metrics } = (await app.control('GET', '/_local/metrics')) as { metrics: unknown[] };
    expect(metrics.slice(0, 2)).toEqual([
      {
        namespace: 'Test',
        name: 'Runs',
        unit: 'Count',
        dimensions: { Kind: 'full' },
        value: 1,
        timestamp: new Date(1764000000000).toISOString(),
      },
      expect.objectContaining({ value: 2 }),
    ]);
  });

  test('has the error of a failed invocation', async () => {
    await app.invoke('failing');
    expect(app.aws.logs.read('failing')).toContain('"errorType":"VAULT_UNKNOWN"');
  });
});

describe("Lambda's API", () => {
  test('lists functions and refuses unknown ones', async () => {
    const { Functions } = await app.lambda().send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionName }) => FunctionName).sort()).toEqual([...names].sort());
    await expect(
      app.lambda().send(new InvokeCommand({ FunctionName: 'absent' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('takes an ARN with a qualifier', async () => {
    const FunctionName = `${functionArn('warm')}:$LATEST`;
    const answer = await app.lambda().send(new InvokeCommand({ FunctionName }));
    expect(Number(answer.Payload?.transformToString())).toBeGreaterThan(0);
  });
});
