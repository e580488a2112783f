import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, functionArn, functionNamed, PRIMARY, TestApp } from './stack-app.ts';

/** Fails as often as the event says, counting in its own memory; then prints the event. */
const FLAKY = `let calls = 0;
export const handler = async ({ failures, label }) => {
  calls += 1;
  console.log(label + ' call ' + calls);
  if (calls <= failures) throw new Error('not yet');
};`;
const COLLECT = 'export const handler = async (event) => console.log(JSON.stringify(event));';

const queueArn = (name: string) => `arn:aws:sqs:${PRIMARY}:${ACCOUNT}:${name}`;
const flaky = (name: string, properties: object = {}) =>
  functionNamed(name, { ReservedConcurrentExecutions: 1, ...properties });

const app = new TestApp([
  {
    name: 'async',
    code: {
      'twice-failing': FLAKY,
      hopeless: FLAKY,
      impatient: FLAKY,
      collect: COLLECT,
    },
    resources: {
      DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead-letters' } },
      TwiceFailing: flaky('twice-failing'),
      Hopeless: flaky('hopeless', { DeadLetterConfig: { TargetArn: queueArn('dead-letters') } }),
      Impatient: flaky('impatient'),
      ImpatientConfig: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: 'Impatient' },
          Qualifier: '$LATEST',
          MaximumRetryAttempts: 0,
          DestinationConfig: { OnFailure: { Destination: functionArn('collect') } },
        },
      },
      Collect: functionNamed('collect'),
    },
  },
]);

async function invokeAsync(FunctionName: string, event: object): Promise<void> {
  const answer = await app.lambda().send(
    new InvokeCommand({
      FunctionName,
      InvocationType: 'Event',
      Payload: JSON.stringify(event),
    }),
  );
  expect(answer.StatusCode).toBe(202);
  await app.aws.settled();
}

beforeAll(async () => {
  await app.start();
});
afterAll(async () => await app.remove());

describe('an asynchronous event', () => {
  test('is tried three times', async () => {
    await invokeAsync('twice-failing', { failures: 2, label: 'event' });
    const calls = (app.aws.logs.read('twice-failing') ?? '').match(/event call \d/g);
    expect(calls).toEqual(['event call 1', 'event call 2', 'event call 3']);
  });

  test('goes to the dead-letter queue when its retries are used up', async () => {
    await invokeAsync('hopeless', { failures: 99, label: 'lost' });
    expect((app.aws.logs.read('hopeless') ?? '').match(/lost call/g)).toHaveLength(3);
    const bodies = await app.receiveBodies('dead-letters');
    expect(bodies.map((body) => JSON.parse(body))).toEqual([{ failures: 99, label: 'lost' }]);
  });

  test('follows the retries and the destination of its function', async () => {
    await invokeAsync('impatient', { failures: 9, label: 'once' });
    expect((app.aws.logs.read('impatient') ?? '').match(/once call/g)).toHaveLength(1);
    const [line = ''] = (app.aws.logs.read('collect') ?? '').split('\n');
    expect(JSON.parse(line)).toMatchObject({
      requestContext: {
        functionArn: `${functionArn('impatient')}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: 1,
      },
      requestPayload: { failures: 9, label: 'once' },
      responsePayload: { errorType: 'Error', errorMessage: 'not yet' },
    });
  });

  test('to an unknown function is refused at once', async () => {
    const command = new InvokeCommand({ FunctionName: 'absent', InvocationType: 'Event' });
    await expect(app.lambda().send(command)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
