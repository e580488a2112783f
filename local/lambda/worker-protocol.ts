import type { FunctionErrorBody } from './function-definition.ts';

/** Handed to a worker when it starts. */
export interface WorkerSetup {
  readonly codeDirectory: string;
  readonly handler: string;
  /** One signed 64-bit number: milliseconds the embedded clock is ahead of the machine's. */
  readonly clockOffset: SharedArrayBuffer;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memorySize: number;
  readonly timeoutSeconds: number;
  readonly logGroupName: string;
}

/** Sent to a worker, one at a time. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly payload: string;
}

/** Sent by a worker. Log text comes over the same port, so it arrives before the result. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly text: string }
  | { readonly type: 'result'; readonly payload: string }
  | { readonly type: 'error'; readonly error: FunctionErrorBody }
  /** The worker ends itself after this: loading the handler failed, or something outside it. */
  | { readonly type: 'fatal'; readonly error: FunctionErrorBody };
