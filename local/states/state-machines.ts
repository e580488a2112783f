import { randomUUID } from 'node:crypto';
import {
  ExecutionAbortedError,
  ExecutionTimeoutError,
  StateMachine,
} from 'aws-local-stepfunctions';
import type { LocalClock } from '../clock.ts';
import type { TargetDelivery } from '../events/deliver-to-target.ts';
import { LocalAwsError } from '../gateway/service.ts';
import { type Execution, type ExecutionEnd, ExecutionStore } from './execution-store.ts';
import { type PreparedDefinition, prepareDefinition } from './prepare-definition.ts';
import { type FunctionCall, taskHandlers } from './run-task.ts';

/** A state machine as its template declares it. */
export interface StateMachineDeclaration {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly roleArn: string;
  readonly definitionText: string;
}

interface Machine extends StateMachineDeclaration {
  readonly prepared: PreparedDefinition;
  readonly engine: StateMachine;
  readonly creationDate: string;
}

interface Run {
  readonly abort: () => void;
  readonly done: Promise<void>;
}

/** Upper bound of the pause before a retry; the waits of a definition are for AWS. */
const RETRY_WAIT_MS = 50;

/**
 * State machines of all Regions. Executions are stored; one that was running when the process
 * ended is run again from its start with the same name and input (AWS would go on in the middle),
 * so its tasks must be able to run twice. Pauses before retries are at most 50 ms; Wait states
 * take real time.
 */
export class StateMachines {
  readonly #machines = new Map<string, Machine>();
  readonly #runs = new Map<string, Run>();
  readonly #store: ExecutionStore;
  readonly #clock: LocalClock;
  readonly #call: FunctionCall;
  #stopping = false;

  constructor(options: {
    readonly dataDirectory: string;
    readonly clock: LocalClock;
    readonly call: FunctionCall;
    readonly delivery: TargetDelivery;
  }) {
    this.#store = new ExecutionStore(options.dataDirectory);
    this.#clock = options.clock;
    this.#call = options.call;
    options.delivery.register('states', async (arn, payload) => {
      const { executionArn } = this.start(arn, randomUUID(), payload);
      await this.settled(executionArn);
    });
  }

  /** @throws LocalAwsError `InvalidDefinition` */
  create(declaration: StateMachineDeclaration): void {
    const prepared = prepareDefinition(declaration.definitionText);
    const engine = createEngine(prepared);
    const creationDate = this.#clock.now().toISOString();
    this.#machines.set(declaration.arn, { ...declaration, prepared, engine, creationDate });
  }

  list(region: string): Machine[] {
    return [...this.#machines.values()].filter((machine) => machine.region === region);
  }

  /** @throws LocalAwsError `StateMachineDoesNotExist` */
  machine(arn: string): Machine {
    const machine = this.#machines.get(arn);
    if (machine === undefined) {
      throw failure('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    }
    return machine;
  }

  /**
   * Starts an execution. The same name with the same input while it runs is the same execution.
   * @throws LocalAwsError `ExecutionAlreadyExists`, `InvalidName`, `InvalidExecutionInput`
   */
  start(
    machineArn: string,
    name: string,
    input: string,
  ): { executionArn: string; startDate: string } {
    const machine = this.machine(machineArn);
    checkStart(name, input);
    const arn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const existing = this.#store.find(arn);
    if (existing !== undefined) {
      if (existing.status === 'RUNNING' && existing.input === input) {
        return { executionArn: arn, startDate: existing.startDate };
      }
      throw failure('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const startDate = this.#clock.now().toISOString();
    this.#store.insert({ arn, machineArn, name, input, startDate });
    this.#run(machine, arn, input);
    return { executionArn: arn, startDate };
  }

  /** @throws LocalAwsError `ExecutionDoesNotExist` */
  describe(arn: string): Execution {
    const execution = this.#store.find(arn);
    if (execution === undefined) {
      throw failure('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    }
    return execution;
  }

  executions(machineArn: string, status?: string): Execution[] {
    this.machine(machineArn);
    return this.#store.list(machineArn, status);
  }

  history(arn: string): Record<string, unknown>[] {
    this.describe(arn);
    return this.#store.events(arn);
  }

  /** Ends an execution as `ABORTED`; a task that is running is left to end by itself. */
  abort(arn: string, error?: string, cause?: string): string {
    this.describe(arn);
    const stopDate = this.#clock.now().toISOString();
    this.#store.finish(arn, {
      status: 'ABORTED',
      stopDate,
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.#runs.get(arn)?.abort();
    return stopDate;
  }

  /** Runs again what an earlier process left running; call when the machines are created. */
  resume(): void {
    for (const execution of this.#store.running()) {
      const machine = this.#machines.get(execution.machineArn);
      if (machine !== undefined) {
        this.#run(machine, execution.arn, execution.input);
      }
    }
  }

  /** Waits until one execution, or all, are no longer running in this process. */
  async settled(executionArn?: string): Promise<void> {
    const runs =
      executionArn === undefined ? [...this.#runs.values()] : [this.#runs.get(executionArn)];
    await Promise.all(runs.map((run) => run?.done));
  }

  /** Leaves running executions stored as running, so that the next process takes them up. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const run of this.#runs.values()) {
      run.abort();
    }
    await this.settled();
    this.#store.close();
  }

  #run(machine: Machine, arn: string, input: string): void {
    const { tasks, retrying } = machine.prepared;
    const execution = machine.engine.run(JSON.parse(input), {
      overrides: {
        taskResourceLocalHandlers: taskHandlers(tasks, this.#call),
        retryIntervalOverrides: Object.fromEntries(retrying.map((name) => [name, RETRY_WAIT_MS])),
      },
      context: {
        Execution: { Id: arn, Name: arn.slice(arn.lastIndexOf(':') + 1), RoleArn: machine.roleArn },
        StateMachine: { Id: machine.arn, Name: machine.name },
      },
    });
    const record = this.#record(arn, execution.eventLogs);
    const done = this.#finish(arn, execution.result, record).finally(() => this.#runs.delete(arn));
    this.#runs.set(arn, { abort: execution.abort, done });
  }

  async #record(arn: string, events: AsyncIterable<object>): Promise<void> {
    for await (const event of events) {
      if (!this.#stopping) {
        this.#store.appendEvent(arn, { ...event, timestamp: this.#clock.now().toISOString() });
      }
    }
  }

  async #finish(arn: string, result: Promise<unknown>, record: Promise<void>): Promise<void> {
    const end = await result.then(
      (output): Omit<ExecutionEnd, 'stopDate'> => ({
        status: 'SUCCEEDED',
        output: JSON.stringify(output ?? null),
      }),
      failedEnd,
    );
    if (this.#stopping) {
      return;
    }
    await record;
    if (!this.#stopping) {
      this.#store.finish(arn, { ...end, stopDate: this.#clock.now().toISOString() });
    }
  }
}

function failedEnd(error: unknown): Omit<ExecutionEnd, 'stopDate'> {
  if (error instanceof ExecutionTimeoutError) {
    return { status: 'TIMED_OUT', error: 'States.Timeout' };
  }
  if (error instanceof ExecutionAbortedError) {
    return { status: 'ABORTED' };
  }
  const cause = error instanceof Error ? (error.cause as Error | undefined) : undefined;
  return {
    status: 'FAILED',
    error: cause?.name ?? 'States.Runtime',
    cause: cause?.message ?? String(error),
  };
}

function createEngine(prepared: PreparedDefinition): StateMachine {
  try {
    return new StateMachine(prepared.definition as never, {
      validationOptions: { checkArn: false },
    });
  } catch (error) {
    throw failure('InvalidDefinition', `Invalid State Machine Definition: ${String(error)}`);
  }
}

function checkStart(name: string, input: string): void {
  if (!/^[\w-]{1,80}$/.test(name)) {
    throw failure('InvalidName', `Invalid Name: '${name}'`);
  }
  try {
    JSON.parse(input);
  } catch {
    throw failure('InvalidExecutionInput', 'Invalid State Machine Execution Input');
  }
}

function failure(code: string, message: string): LocalAwsError {
  return new LocalAwsError(code, 400, message);
}
