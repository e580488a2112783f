import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { HoldfastError } from '../domain/errors.ts';
import type {
  ComparisonStart,
  DueVaults,
  PassName,
  Pipeline,
  SweepStart,
} from '../ports/pipeline.ts';
import { type AwsAnswer, awsAnswerOf } from './translate-errors.ts';

export interface LambdaPipelineOptions {
  readonly stepFunctions: SFNClient;
  readonly lambda: LambdaClient;
  /** ARN of the state machine that runs backups. */
  readonly backupMachine: string;
  readonly eraserFunction: string;
  readonly keyPolicyFunction: string;
  readonly restorerFunction: string;
  readonly confirmerFunction: string;
  readonly certifierFunction: string;
  readonly comparerFunction: string;
  readonly sweeperFunction: string;
  readonly verifierFunction: string;
  readonly holderFunction: string;
  readonly moverFunction: string;
  /** The function that this runs in. */
  readonly ownFunction: string;
}

/** Starts the state machine and the functions behind the admin API. */
export class LambdaPipeline implements Pipeline {
  readonly #options: LambdaPipelineOptions;

  constructor(options: LambdaPipelineOptions) {
    this.#options = options;
  }

  async startBackup(vaultId: string, runId: string): Promise<void> {
    const { stepFunctions, backupMachine } = this.#options;
    const command = new StartExecutionCommand({
      stateMachineArn: backupMachine,
      // The name makes it happen once: Step Functions keeps names for 90 days.
      name: runId,
      input: JSON.stringify({ vaultId, runId }),
    });
    try {
      await stepFunctions.send(command);
    } catch (error) {
      const answer = awsAnswerOf(error);
      if (answer.code !== 'ExecutionAlreadyExists') {
        throw unreachable('start a backup', answer);
      }
    }
  }

  async startRestore(vaultId: string, restoreId: string): Promise<void> {
    const payload = { vaultId, restoreId };
    await this.#invoke(this.#options.restorerFunction, 'Event', payload, 'start a restore');
  }

  async startVerification(vaultId: string, verificationId: string): Promise<void> {
    const payload = { vaultId, verificationId };
    await this.#invoke(this.#options.verifierFunction, 'Event', payload, 'start a verification');
  }

  async continuePass(pass: PassName, after: string): Promise<void> {
    await this.#invoke(this.#options.ownFunction, 'Event', { after }, `go on with ${pass}`);
  }

  async compareTombstones(from: ComparisonStart): Promise<void> {
    const step = 'compare with the tombstones';
    await this.#invoke(this.#options.comparerFunction, 'Event', { ...from }, step);
  }

  async startSweep(what: SweepStart): Promise<void> {
    await this.#invoke(this.#options.sweeperFunction, 'Event', { ...what }, 'start a sweep');
  }

  async applyHolds(vaultId: string): Promise<void> {
    await this.#invoke(this.#options.holderFunction, 'Event', { vaultId }, 'apply legal holds');
  }

  async startMoves(): Promise<void> {
    await this.#invoke(this.#options.moverFunction, 'Event', {}, 'start a move');
  }

  async advanceErasure(vaultId: string): Promise<void> {
    const step = 'advance an erasure';
    await this.#invoke(this.#options.eraserFunction, 'RequestResponse', { vaultId }, step);
  }

  async confirmErasures(which: DueVaults): Promise<void> {
    const { confirmerFunction } = this.#options;
    await this.#invoke(confirmerFunction, 'Event', { ...which }, 'confirm erasures');
  }

  async certifyErasures(which: DueVaults): Promise<void> {
    const { certifierFunction } = this.#options;
    await this.#invoke(certifierFunction, 'Event', { ...which }, 'certify erasures');
  }

  async restoreKeys(vaultId: string): Promise<void> {
    const payload = { vaultId, restore: 'keys' };
    const step = 'enable keys';
    await this.#invoke(this.#options.eraserFunction, 'RequestResponse', payload, step);
  }

  async restoreKeyPolicies(vaultId: string): Promise<void> {
    const step = 'put key policies back';
    await this.#invoke(this.#options.keyPolicyFunction, 'RequestResponse', { vaultId }, step);
  }

  async #invoke(
    FunctionName: string,
    InvocationType: 'Event' | 'RequestResponse',
    payload: Readonly<Record<string, string | boolean | undefined>>,
    step: string,
  ): Promise<void> {
    const Payload = Buffer.from(JSON.stringify(payload));
    const command = new InvokeCommand({ FunctionName, InvocationType, Payload });
    const { FunctionError } = await this.#options.lambda.send(command).catch((error: unknown) => {
      throw unreachable(step, awsAnswerOf(error));
    });
    // The function ran and failed; its own log says why.
    if (FunctionError !== undefined) {
      throw new HoldfastError('PIPELINE_UNAVAILABLE', { step });
    }
  }
}

function unreachable(step: string, answer: AwsAnswer): HoldfastError {
  return new HoldfastError('PIPELINE_UNAVAILABLE', { step }, answer);
}
