import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareDefinition } from '../../local/states/prepare-definition.ts';
import { ACCOUNT, functionArn, functionNamed, PRIMARY, TestApp } from './stack-app.ts';

const WORK = `let calls = 0;
export const handler = async ({ failures = 0, error = 'COPY_UNAVAILABLE' }) => {
  calls += 1;
  if (calls <= failures) { const e = new Error('try ' + calls); e.name = error; throw e; }
  const done = calls; calls = 0;
  return { calls: done };
};`;
const RECORD = 'export const handler = async (event) => { console.log(JSON.stringify(event)); };';
const STUCK = `export const handler = async () => { console.log('stuck');
  await new Promise(() => setInterval(() => {}, 1000)); };`;

/** Needs as many turns as its number says; a number below 0 fails. */
const EACH = `export const handler = async ({ id, number, turn = 1 }) => {
  if (number < 0) { const e = new Error('number ' + number); e.name = 'BELOW_ZERO'; throw e; }
  console.log(JSON.stringify([id, number, turn]));
  return { id, number, turn: turn + 1, done: turn >= number };
};`;

const machineArn = (name: string) => `arn:aws:states:${PRIMARY}:${ACCOUNT}:stateMachine:${name}`;

const backup = {
  StartAt: 'Run',
  States: {
    Run: {
      Type: 'Task',
      Resource: functionArn('work'),
      Retry: [
        { ErrorEquals: ['COPY_UNAVAILABLE'], IntervalSeconds: 60, MaxAttempts: 3, BackoffRate: 3 },
      ],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Record' }],
      End: true,
    },
    Record: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: {
        FunctionName: functionArn('record'),
        'Payload.$': '$',
      },
      ResultPath: null,
      Next: 'GiveUp',
    },
    GiveUp: { Type: 'Fail', Error: 'BackupFailed', Cause: 'see the record' },
  },
};

function machine(name: string, definition: unknown): object {
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: name,
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/machine`,
      DefinitionString: { 'Fn::Join': ['', [JSON.stringify(definition)]] },
    },
  };
}

/** A Distributed Map over the input's numbers; each item is repeated until it is done. */
const spread = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      MaxConcurrency: 2,
      Label: 'Each',
      ItemsPath: '$.numbers',
      ItemSelector: { 'id.$': '$.id', 'number.$': '$$.Map.Item.Value' },
      ResultPath: null,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'One',
        States: {
          One: { Type: 'Task', Resource: functionArn('each'), Next: 'IsDone' },
          IsDone: {
            Type: 'Choice',
            Choices: [{ Variable: '$.done', BooleanEquals: true, Next: 'Done' }],
            Default: 'One',
          },
          Done: { Type: 'Succeed' },
        },
      },
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'GiveUp' }],
      End: true,
    },
    GiveUp: { Type: 'Fail', Error: 'EachFailed' },
  },
};

const app = new TestApp([
  {
    name: 'states',
    code: { work: WORK, record: RECORD, stuck: STUCK, each: EACH },
    resources: {
      Work: functionNamed('work', { ReservedConcurrentExecutions: 1 }),
      Record: functionNamed('record'),
      Stuck: functionNamed('stuck'),
      Each: functionNamed('each'),
      Spread: machine('spread', spread),
      Backup: machine('backup', backup),
      Waiting: machine('waiting', {
        StartAt: 'Wait',
        States: { Wait: { Type: 'Task', Resource: functionArn('stuck'), End: true } },
      }),
    },
  },
]);

let sfn: SFNClient;
beforeAll(async () => {
  await app.start();
  sfn = new SFNClient(app.clientSettings());
});
afterAll(async () => await app.remove());

async function run(name: string, input: object, machineName = 'backup') {
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn: machineArn(machineName),
      name,
      input: JSON.stringify(input),
    }),
  );
  await app.aws.machines.settled(executionArn);
  return await sfn.send(new DescribeExecutionCommand({ executionArn }));
}

describe('an execution', () => {
  test('succeeds with the output of its last task', async () => {
    const ended = await run('plain', {});
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '{"calls":1}' });
    expect(ended.stopDate?.getTime()).toBeGreaterThanOrEqual(ended.startDate?.getTime() ?? 0);
  });

  test("retries by the function's error name, without the definition's long waits", async () => {
    const started = performance.now();
    expect(await run('retried', { failures: 2 })).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"calls":3}',
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('catches an error that is not retried, with name and cause', async () => {
    const ended = await run('caught', { failures: 1, error: 'SOURCE_DENIED' });
    expect(ended).toMatchObject({
      status: 'FAILED',
      error: 'BackupFailed',
      cause: 'see the record',
    });
    const [line = ''] = (app.aws.logs.read('record') ?? '').split('\n');
    const { failure } = JSON.parse(line) as { failure: { Error: string; Cause: string } };
    expect(failure.Error).toBe('SOURCE_DENIED');
    expect(JSON.parse(failure.Cause)).toMatchObject({
      errorType: 'SOURCE_DENIED',
      errorMessage: 'try 1',
    });
    const { events = [] } = await sfn.send(
      new GetExecutionHistoryCommand({ executionArn: ended.executionArn }),
    );
    expect(events[0]?.type).toBe('ExecutionStarted');
    expect(events.at(-1)?.type).toBe('ExecutionFailed');
  });

  test('spreads over the items of a Distributed Map, for as many turns as each takes', async () => {
    const numbers = [1, 3, 2];
    const ended = await run('spread-out', { id: 'x', numbers }, 'spread');
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      output: JSON.stringify({ id: 'x', numbers }),
    });
    const lines = (app.aws.logs.read('each') ?? '').trim().split('\n');
    const turns = lines.map((line) => JSON.parse(line)).sort();
    expect(turns).toEqual([
      ['x', 1, 1],
      ['x', 2, 1],
      ['x', 2, 2],
      ['x', 3, 1],
      ['x', 3, 2],
      ['x', 3, 3],
    ]);
  });

  test('fails with the first item of a Distributed Map that does', async () => {
    const ended = await run('one-fails', { id: 'y', numbers: [-1, 1] }, 'spread');
    expect(ended).toMatchObject({ status: 'FAILED', error: 'EachFailed' });
  });

  test('does nothing for a Distributed Map without items', async () => {
    const ended = await run('no-items', { id: 'z', numbers: [] }, 'spread');
    expect(ended.status).toBe('SUCCEEDED');
  });

  test('with a name that ended already is refused', async () => {
    await expect(run('plain', {})).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  test('is the same one while it runs, can be stopped, and is listed', async () => {
    const start = (input: string) =>
      sfn.send(
        new StartExecutionCommand({ stateMachineArn: machineArn('waiting'), name: 'one', input }),
      );
    const first = await start('{"a":1}');
    expect((await start('{"a":1}')).executionArn).toBe(first.executionArn);
    await expect(start('{"a":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    const { executionArn } = first;
    await sfn.send(new StopExecutionCommand({ executionArn, error: 'ByHand' }));
    const ended = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(ended).toMatchObject({ status: 'ABORTED', error: 'ByHand' });
    const { executions = [] } = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn: machineArn('waiting') }),
    );
    expect(executions.map(({ name, status }) => [name, status])).toEqual([['one', 'ABORTED']]);
  });

  test('of an unknown machine is refused', async () => {
    const command = new StartExecutionCommand({ stateMachineArn: machineArn('absent') });
    await expect(sfn.send(command)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });

  test('that was running when the process ended runs again after the restart', async () => {
    const { executionArn = '' } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: machineArn('waiting'), name: 'survivor' }),
    );
    await app.stop();
    await app.start();
    sfn = new SFNClient(app.clientSettings());
    const resumed = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(resumed).toMatchObject({ status: 'RUNNING', name: 'survivor' });
    await app.aws.functions.kill('stuck');
    await app.aws.machines.settled(executionArn);
    const ended = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(ended).toMatchObject({ status: 'FAILED', error: 'Runtime.ExitError' });
  });
});

describe('a definition', () => {
  test('gives tasks without a timeout practically none, also inside Map', () => {
    const task = { Type: 'Task', Resource: functionArn('work'), End: true };
    const { definition, tasks } = prepareDefinition(
      JSON.stringify({
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Map',
            ItemProcessor: { StartAt: 'One', States: { One: task } },
            End: true,
          },
        },
      }),
    );
    expect([...tasks.keys()]).toEqual(['One']);
    expect(JSON.stringify(definition)).toContain('"TimeoutSeconds":2000000');
  });

  test.each([
    [{ QueryLanguage: 'JSONata', States: {} }, 'JSONPath only'],
    [
      { States: { Send: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage' } } },
      'state Send calls arn:aws:states:::sqs:sendMessage',
    ],
    [
      { States: { Each: { Type: 'Map', ItemReader: {}, ToleratedFailureCount: 1 } } },
      'do without ItemReader, ToleratedFailureCount; state Each has it',
    ],
  ])('that cannot run here is refused: %j', (definition, message) => {
    expect(() => prepareDefinition(JSON.stringify(definition))).toThrow(message);
  });
});
