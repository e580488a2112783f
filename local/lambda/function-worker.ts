/**
 * Entry of the thread one function runs in: shifts `Date`, routes output to the function's log,
 * loads the handler and answers invocations one at a time, as a Lambda execution environment does.
 * Unlike there, timers and sockets are not frozen between invocations.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionErrorBody } from './function-definition.ts';
import { installShiftedDate } from './shifted-date.ts';
import type { InvokeMessage, WorkerMessage, WorkerSetup } from './worker-protocol.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const setup = workerData as WorkerSetup;

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

function describeError(error: unknown): FunctionErrorBody {
  if (error instanceof Error) {
    return {
      errorType: error.name,
      errorMessage: error.message,
      trace: (error.stack ?? '').split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function captureOutput(stream: NodeJS.WriteStream): void {
  const write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean => {
    post({ type: 'log', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    const done = typeof encoding === 'function' ? encoding : callback;
    if (done !== undefined) {
      queueMicrotask(() => done(null));
    }
    return true;
  };
  stream.write = write as typeof stream.write;
}

function crash(error: FunctionErrorBody): void {
  post({ type: 'fatal', error });
  process.exit(1);
}

async function loadHandler(): Promise<Handler> {
  const dot = setup.handler.lastIndexOf('.');
  const moduleName = setup.handler.slice(0, dot);
  const exportName = setup.handler.slice(dot + 1);
  const file = ['.mjs', '.js', '.cjs']
    .map((extension) => join(setup.codeDirectory, `${moduleName}${extension}`))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) {
    const error = new Error(`Cannot find module '${moduleName}'`);
    error.name = 'Runtime.ImportModuleError';
    throw error;
  }
  const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const fromDefault = loaded.default as Record<string, unknown> | undefined;
  const handler = loaded[exportName] ?? fromDefault?.[exportName];
  if (typeof handler !== 'function') {
    const error = new Error(`${setup.handler} is undefined or not exported`);
    error.name = 'Runtime.HandlerNotFound';
    throw error;
  }
  return handler as Handler;
}

function contextOf(requestId: string): Record<string, unknown> {
  const started = performance.now();
  return {
    awsRequestId: requestId,
    functionName: setup.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: setup.functionArn,
    memoryLimitInMB: String(setup.memorySize),
    logGroupName: setup.logGroupName,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () =>
      Math.max(0, Math.round(setup.timeoutSeconds * 1000 - (performance.now() - started))),
  };
}

async function answer(handler: Handler, message: InvokeMessage): Promise<void> {
  try {
    const result = await handler(JSON.parse(message.payload), contextOf(message.requestId));
    post({ type: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    post({ type: 'error', error: describeError(error) });
  }
}

installShiftedDate(setup.clockOffset);
captureOutput(process.stdout);
captureOutput(process.stderr);
process.on('uncaughtException', (error) => crash(describeError(error)));
process.on('unhandledRejection', (reason) => {
  crash({ ...describeError(reason), errorType: 'Runtime.UnhandledPromiseRejection' });
});
try {
  const handler = await loadHandler();
  parentPort?.on('message', (message: InvokeMessage) => {
    answer(handler, message).catch((error) => crash(describeError(error)));
  });
  post({ type: 'ready' });
} catch (error) {
  crash(describeError(error));
}
