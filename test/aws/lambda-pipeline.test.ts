import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { LambdaPipeline } from '../../shared/aws/lambda-pipeline.ts';

const BACKUP_MACHINE = 'arn:aws:states:eu-central-1:111122223333:stateMachine:holdfast-test-backup';
const stepFunctions = mockClient(SFNClient);
const lambda = mockClient(LambdaClient);
const pipeline = new LambdaPipeline({
  stepFunctions: stepFunctions as unknown as SFNClient,
  lambda: lambda as unknown as LambdaClient,
  backupMachine: BACKUP_MACHINE,
  eraserFunction: 'holdfast-test-advance-erasures',
  confirmerFunction: 'holdfast-test-confirm-erasures',
  certifierFunction: 'holdfast-test-certify-erasures',
  comparerFunction: 'holdfast-test-compare-tombstones',
  keyPolicyFunction: 'holdfast-test-restore-key-policies',
  restorerFunction: 'holdfast-test-restore-snapshot',
  verifierFunction: 'holdfast-test-verify-snapshot',
  sweeperFunction: 'holdfast-test-sweep-copies',
  holderFunction: 'holdfast-test-apply-holds',
  moverFunction: 'holdfast-test-move-vaults',
  ownFunction: 'holdfast-test-renew-locks',
});

/** An error as the SDK throws it. */
function refusal(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error('text'), { name, $metadata: { httpStatusCode } });
}

beforeEach(() => {
  stepFunctions.reset();
  lambda.reset();
});

describe('starting a backup', () => {
  test('the execution is named after the run, so that it happens once', async () => {
    stepFunctions.on(StartExecutionCommand).resolves({});
    await pipeline.startBackup('vault-1', 'run-1');
    expect(stepFunctions.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
      stateMachineArn: BACKUP_MACHINE,
      name: 'run-1',
      input: '{"vaultId":"vault-1","runId":"run-1"}',
    });
  });

  test('a run that was started already is fine', async () => {
    stepFunctions.on(StartExecutionCommand).rejects(refusal('ExecutionAlreadyExists', 400));
    await expect(pipeline.startBackup('vault-1', 'run-1')).resolves.toBeUndefined();
  });

  test('any other refusal is a pipeline that cannot be reached', async () => {
    stepFunctions.on(StartExecutionCommand).rejects(refusal('StateMachineDoesNotExist', 400));
    await expect(pipeline.startBackup('vault-1', 'run-1')).rejects.toMatchObject({
      code: 'PIPELINE_UNAVAILABLE',
      cause: { code: 'StateMachineDoesNotExist', status: 400 },
    });
  });
});

/** Everything the pipeline invokes: the function, whether its end is waited for, and its event. */
const INVOCATIONS = [
  {
    name: 'a restore',
    call: () => pipeline.startRestore('vault-1', 'restore-1'),
    to: 'restore-snapshot',
    type: 'Event',
    event: { vaultId: 'vault-1', restoreId: 'restore-1' },
  },
  {
    name: 'a verification',
    call: () => pipeline.startVerification('vault-1', 'verification-1'),
    to: 'verify-snapshot',
    type: 'Event',
    event: { vaultId: 'vault-1', verificationId: 'verification-1' },
  },
  {
    name: 'the rest of a pass',
    call: () => pipeline.continuePass('renew-locks', 'client-1'),
    to: 'renew-locks',
    type: 'Event',
    event: { after: 'client-1' },
  },
  {
    name: 'a comparison with the tombstones',
    call: () => pipeline.compareTombstones({ after: '', begunIn: undefined }),
    to: 'compare-tombstones',
    type: 'Event',
    event: { after: '' },
  },
  {
    name: 'the rest of a comparison',
    call: () => pipeline.compareTombstones({ after: 'client-1', begunIn: 'table-1' }),
    to: 'compare-tombstones',
    type: 'Event',
    event: { after: 'client-1', begunIn: 'table-1' },
  },
  {
    name: 'the rest of a sweep',
    call: () => pipeline.startSweep({ after: 'client-1' }),
    to: 'sweep-copies',
    type: 'Event',
    event: { after: 'client-1' },
  },
  {
    name: 'the sweep of one vault',
    call: () => pipeline.startSweep({ vaultId: 'vault-1', actor: 'anna', isConfirmed: true }),
    to: 'sweep-copies',
    type: 'Event',
    event: { vaultId: 'vault-1', actor: 'anna', isConfirmed: true },
  },
  {
    name: 'legal holds',
    call: () => pipeline.applyHolds('vault-1'),
    to: 'apply-holds',
    type: 'Event',
    event: { vaultId: 'vault-1' },
  },
  {
    name: 'confirming the erasure of one vault',
    call: () => pipeline.confirmErasures({ vaultId: 'vault-1' }),
    to: 'confirm-erasures',
    type: 'Event',
    event: { vaultId: 'vault-1' },
  },
  {
    name: 'the rest of what is to be certified',
    call: () => pipeline.certifyErasures({ after: 'vault-1' }),
    to: 'certify-erasures',
    type: 'Event',
    event: { after: 'vault-1' },
  },
  {
    name: 'the step of an erasure',
    call: () => pipeline.advanceErasure('vault-1'),
    to: 'advance-erasures',
    type: 'RequestResponse',
    event: { vaultId: 'vault-1' },
  },
  {
    name: 'enabling keys',
    call: () => pipeline.restoreKeys('vault-1'),
    to: 'advance-erasures',
    type: 'RequestResponse',
    event: { vaultId: 'vault-1', restore: 'keys' },
  },
  {
    name: 'putting key policies back',
    call: () => pipeline.restoreKeyPolicies('vault-1'),
    to: 'restore-key-policies',
    type: 'RequestResponse',
    event: { vaultId: 'vault-1' },
  },
];

describe('invoking functions', () => {
  test.each(INVOCATIONS)('$name goes to $to as $type', async ({ call, to, type, event }) => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    await call();
    const inputs = lambda.commandCalls(InvokeCommand).map((made) => made.args[0].input);
    const seen = inputs.map(({ Payload, ...input }) => ({
      ...input,
      event: JSON.parse(Buffer.from(Payload as Uint8Array).toString()),
    }));
    const FunctionName = `holdfast-test-${to}`;
    expect(seen).toEqual([{ FunctionName, InvocationType: type, event }]);
  });

  test('a function that failed is said to have failed', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 200, FunctionError: 'Unhandled' });
    await expect(pipeline.advanceErasure('vault-1')).rejects.toMatchObject({
      code: 'PIPELINE_UNAVAILABLE',
    });
  });

  test('a function that cannot be reached is said to be unreachable', async () => {
    lambda.on(InvokeCommand).rejects(refusal('TooManyRequestsException', 429));
    await expect(pipeline.startRestore('vault-1', 'restore-1')).rejects.toMatchObject({
      code: 'PIPELINE_UNAVAILABLE',
      data: { step: 'start a restore' },
    });
  });
});
