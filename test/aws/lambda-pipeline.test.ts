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
  certifierFunction: 'holdfast-test-certify-erasures',
  keyPolicyFunction: 'holdfast-test-restore-key-policies',
  restorerFunction: 'holdfast-test-restore-snapshot',
  verifierFunction: 'holdfast-test-verify-snapshot',
  renewerFunction: 'holdfast-test-renew-locks',
  sweeperFunction: 'holdfast-test-sweep-copies',
  holderFunction: 'holdfast-test-apply-holds',
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

describe('invoking functions', () => {
  test('legal holds are not waited for', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    await pipeline.applyHolds('vault-1');
    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input).toMatchObject({
      FunctionName: 'holdfast-test-apply-holds',
      InvocationType: 'Event',
      Payload: Buffer.from('{"vaultId":"vault-1"}'),
    });
  });

  test('a restore is not waited for', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    await pipeline.startRestore('vault-1', 'restore-1');
    const input = lambda.commandCalls(InvokeCommand)[0]?.args[0].input;
    expect(input).toMatchObject({
      FunctionName: 'holdfast-test-restore-snapshot',
      InvocationType: 'Event',
    });
    expect(Buffer.from((input?.Payload as Uint8Array) ?? []).toString()).toBe(
      '{"vaultId":"vault-1","restoreId":"restore-1"}',
    );
  });

  test('a verification is not waited for', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    await pipeline.startVerification('vault-1', 'verification-1');
    const input = lambda.commandCalls(InvokeCommand)[0]?.args[0].input;
    expect(input).toMatchObject({
      FunctionName: 'holdfast-test-verify-snapshot',
      InvocationType: 'Event',
    });
    expect(Buffer.from((input?.Payload as Uint8Array) ?? []).toString()).toBe(
      '{"vaultId":"vault-1","verificationId":"verification-1"}',
    );
  });

  test('certifying is not waited for', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    await pipeline.certifyErasures();
    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input).toMatchObject({
      FunctionName: 'holdfast-test-certify-erasures',
      InvocationType: 'Event',
    });
  });

  test('the step of an erasure is waited for', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 200 });
    await pipeline.advanceErasure('vault-1');
    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input).toMatchObject({
      FunctionName: 'holdfast-test-advance-erasures',
      InvocationType: 'RequestResponse',
    });
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
