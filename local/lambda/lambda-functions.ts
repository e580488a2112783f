import type { TargetDelivery } from '../events/deliver-to-target.ts';
import type { Credentials } from '../gateway/credentials.ts';
import { LocalAwsError } from '../gateway/service.ts';
import { AsyncEvents } from './async-events.ts';
import type {
  EventInvokeConfig,
  FunctionDefinition,
  InvocationOutcome,
} from './function-definition.ts';
import { environmentOf } from './function-environment.ts';
import type { FunctionLogs } from './function-logs.ts';
import { FunctionPool } from './function-pool.ts';
import type { SharedClock } from './shared-clock.ts';

/** What the functions need around them. */
export interface LambdaFunctionsOptions {
  readonly dataDirectory: string;
  readonly credentials: Credentials;
  readonly clock: SharedClock;
  readonly logs: FunctionLogs;
  readonly delivery: TargetDelivery;
  /** Asked at the first invocation, because the gateway's port is known only by then. */
  readonly endpoint: () => string;
  readonly warn: (message: string) => void;
}

/** All functions of all Regions, each with its pool of workers. */
export class LambdaFunctions {
  readonly #options: LambdaFunctionsOptions;
  readonly #pools = new Map<string, FunctionPool>();
  readonly #configs = new Map<string, EventInvokeConfig>();
  readonly #async: AsyncEvents;

  constructor(options: LambdaFunctionsOptions) {
    this.#options = options;
    this.#async = new AsyncEvents(options.dataDirectory, {
      invoke: (arn, payload) => this.invoke(arn, payload),
      configOf: (arn) => this.#configs.get(arn),
      deadLetterArnOf: (arn) => this.#pools.get(arn)?.definition.deadLetterArn,
      send: (arn, payload) => options.delivery.deliver(arn, payload),
      warn: options.warn,
    });
    options.delivery.register('lambda', (arn, payload) => this.invokeEvent(arn, payload).settled);
  }

  create(definition: FunctionDefinition): void {
    const optionsOf = () => ({
      environment: environmentOf(definition, this.#options.credentials, this.#options.endpoint()),
      clockOffset: this.#options.clock.buffer,
      log: (text: string) => this.#options.logs.append(definition.name, text),
    });
    this.#pools.set(definition.arn, new FunctionPool(definition, optionsOf));
  }

  setEventInvokeConfig(arn: string, config: EventInvokeConfig): void {
    this.#configs.set(arn, config);
  }

  list(region?: string): FunctionDefinition[] {
    return [...this.#pools.values()]
      .map((pool) => pool.definition)
      .filter((definition) => region === undefined || definition.region === region);
  }

  /**
   * Finds a function by name, partial ARN or ARN, with or without a qualifier.
   * @param region - where a plain name is looked for. Default: every Region.
   * @throws LocalAwsError `ResourceNotFoundException` when there is none.
   */
  find(nameOrArn: string, region?: string): FunctionDefinition {
    const parts = nameOrArn.split(':');
    const marker = parts.indexOf('function');
    const name = marker === -1 ? parts[0] : parts[marker + 1];
    const wanted = parts[0] === 'arn' ? parts[3] : region;
    const found = this.list(wanted).find((definition) => definition.name === name);
    if (found === undefined) {
      throw new LocalAwsError(
        'ResourceNotFoundException',
        404,
        `Function not found: ${name} in ${wanted ?? 'any Region'}`,
      );
    }
    return found;
  }

  /** Runs a function and waits for its answer. `arn` is the one of its definition. */
  async invoke(arn: string, payload: string): Promise<InvocationOutcome> {
    this.#options.clock.refresh();
    return await this.#poolOf(arn).invoke(payload);
  }

  /** Accepts an asynchronous event; retries and destinations follow the template. */
  invokeEvent(arn: string, payload: string): { id: string; settled: Promise<void> } {
    const definition = this.find(arn);
    return this.#async.accept(definition.arn, payload);
  }

  /** Ends the running workers of every function of this name; tells how many there were. */
  async kill(name: string): Promise<number> {
    const pools = [...this.#pools.values()].filter((pool) => pool.definition.name === name);
    if (pools.length === 0) {
      throw new LocalAwsError('ResourceNotFoundException', 404, `Function not found: ${name}`);
    }
    const killed = await Promise.all(pools.map((pool) => pool.kill()));
    return killed.reduce((sum, count) => sum + count, 0);
  }

  /** Takes up asynchronous events an earlier process left behind. */
  resume(): void {
    this.#async.resume();
  }

  /** Waits until no asynchronous event is in work. */
  async settled(): Promise<void> {
    await this.#async.settled();
  }

  async stop(): Promise<void> {
    this.#async.beginStop();
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
    await this.#async.stop();
  }

  #poolOf(arn: string): FunctionPool {
    const pool = this.#pools.get(arn);
    if (pool === undefined) {
      throw new LocalAwsError('ResourceNotFoundException', 404, `Function not found: ${arn}`);
    }
    return pool;
  }
}
