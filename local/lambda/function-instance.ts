import { Worker } from 'node:worker_threads';
import type {
  FunctionDefinition,
  FunctionErrorBody,
  InvocationOutcome,
} from './function-definition.ts';
import type { InvokeMessage, WorkerMessage, WorkerSetup } from './worker-protocol.ts';

/** What an instance needs besides its function. */
export interface InstanceOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly clockOffset: SharedArrayBuffer;
  /** Receives everything the function prints. */
  readonly log: (text: string) => void;
}

interface Pending {
  readonly requestId: string;
  readonly settle: (outcome: InvocationOutcome) => void;
}

/** Longest time loading a handler may take, as Lambda's init phase (10 s) on a slow machine. */
const INIT_LIMIT_MILLISECONDS = 30_000;

/**
 * One execution environment: a worker thread that serves one invocation at a time.
 *
 * Its memory size limits the JavaScript heap only, not buffers. A function that outgrows it step by
 * step fails alone; one that allocates more than 16 MiB beyond it in a single step makes V8 abort
 * the whole process.
 */
export class FunctionInstance {
  readonly #definition: FunctionDefinition;
  readonly #options: InstanceOptions;
  readonly #worker: Worker;
  readonly #ready: Promise<void>;
  #fatal: FunctionErrorBody | undefined;
  #pending: Pending | undefined;
  #alive = true;
  #killed = false;

  constructor(definition: FunctionDefinition, options: InstanceOptions) {
    this.#definition = definition;
    this.#options = options;
    const setup: WorkerSetup = {
      codeDirectory: definition.codeDirectory,
      handler: definition.handler,
      clockOffset: options.clockOffset,
      functionName: definition.name,
      functionArn: definition.arn,
      memorySize: definition.memorySize,
      timeoutSeconds: definition.timeoutSeconds,
      logGroupName: definition.logGroupName,
    };
    // Options of V8's heap are a process's; a worker has `resourceLimits` and refuses them.
    const { NODE_OPTIONS: _, ...env } = options.environment;
    this.#worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
      workerData: setup,
      env,
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: definition.memorySize },
    });
    const ready = Promise.withResolvers<void>();
    this.#ready = ready.promise;
    this.#worker.on('message', (message: WorkerMessage) => this.#receive(message, ready.resolve));
    this.#worker.on('error', (error: Error) => this.#crashed(error));
    this.#worker.on('exit', (code) => this.#exited(code, ready.resolve));
    this.#worker.unref();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Runs one invocation; never rejects. The caller must not start a second one meanwhile. */
  async invoke(requestId: string, payload: string): Promise<InvocationOutcome> {
    const init = setTimeout(() => void this.#worker.terminate(), INIT_LIMIT_MILLISECONDS);
    await this.#ready;
    clearTimeout(init);
    if (!this.#alive) {
      return this.#failure(requestId, this.#fatal ?? exitError(requestId, 'signal: killed'));
    }
    const { promise, resolve } = Promise.withResolvers<InvocationOutcome>();
    this.#pending = { requestId, settle: resolve };
    const limit = setTimeout(
      () => this.#timedOut(requestId),
      this.#definition.timeoutSeconds * 1000,
    );
    this.#worker.ref();
    this.#worker.postMessage({ requestId, payload } satisfies InvokeMessage);
    const outcome = await promise;
    clearTimeout(limit);
    if (this.#alive) {
      this.#worker.unref();
    }
    return outcome;
  }

  /** Ends the thread at once. A running invocation fails as when a Lambda's process is killed. */
  async kill(): Promise<void> {
    this.#killed = true;
    await this.#worker.terminate();
  }

  #receive(message: WorkerMessage, ready: () => void): void {
    switch (message.type) {
      case 'ready':
        ready();
        break;
      case 'log':
        this.#options.log(message.text);
        break;
      case 'result': {
        const pending = this.#pending;
        this.#settle({ requestId: pending?.requestId ?? '', payload: message.payload });
        break;
      }
      case 'error':
        this.#fail(message.error);
        break;
      case 'fatal':
        this.#fatal = message.error;
        break;
    }
  }

  #crashed(error: Error): void {
    const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    this.#fatal = outOfMemory
      ? {
          errorType: 'Runtime.OutOfMemory',
          errorMessage: `Error: Runtime exited with error: memory above ${this.#definition.memorySize} MB`,
          trace: [],
        }
      : { errorType: error.name, errorMessage: error.message, trace: [error.stack ?? ''] };
  }

  #exited(code: number, ready: () => void): void {
    this.#alive = false;
    ready();
    const pending = this.#pending;
    if (pending !== undefined) {
      const status = this.#killed ? 'signal: killed' : `exit status ${code}`;
      this.#fail(this.#fatal ?? exitError(pending.requestId, status));
    }
  }

  #timedOut(requestId: string): void {
    const seconds = this.#definition.timeoutSeconds.toFixed(2);
    this.#fail({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
      trace: [],
    });
    this.#alive = false;
    void this.#worker.terminate();
  }

  #fail(error: FunctionErrorBody): void {
    const pending = this.#pending;
    if (pending !== undefined) {
      this.#settle(this.#failure(pending.requestId, error));
    }
  }

  #failure(requestId: string, error: FunctionErrorBody): InvocationOutcome {
    // Lambda's runtime prints the error of a failed invocation to the function's log.
    this.#options.log(`${JSON.stringify({ level: 'ERROR', requestId, ...error })}\n`);
    return { requestId, functionError: 'Unhandled', payload: JSON.stringify(error) };
  }

  #settle(outcome: InvocationOutcome): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.settle(outcome);
  }
}

function exitError(requestId: string, status: string): FunctionErrorBody {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${status}`,
    trace: [],
  };
}
