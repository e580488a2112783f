import { randomUUID } from 'node:crypto';
import { LocalAwsError } from '../gateway/service.ts';
import type { FunctionDefinition, InvocationOutcome } from './function-definition.ts';
import { FunctionInstance, type InstanceOptions } from './function-instance.ts';

/** Instances one function may have at once; a developer's machine has few cores. */
const MAX_INSTANCES = 4;

/** How long an idle instance stays warm. */
const IDLE_MILLISECONDS = 60_000;

/**
 * The execution environments of one function. Invocations beyond its concurrency wait in line;
 * AWS would throttle a synchronous one instead.
 */
export class FunctionPool {
  readonly #definition: FunctionDefinition;
  readonly #optionsOf: () => InstanceOptions;
  readonly #limit: number;
  readonly #instances = new Set<FunctionInstance>();
  readonly #idle = new Map<FunctionInstance, NodeJS.Timeout>();
  readonly #waiting: Array<() => void> = [];
  #stopped = false;

  constructor(definition: FunctionDefinition, optionsOf: () => InstanceOptions) {
    this.#definition = definition;
    this.#optionsOf = optionsOf;
    this.#limit = Math.max(
      1,
      Math.min(definition.reservedConcurrency ?? MAX_INSTANCES, MAX_INSTANCES),
    );
  }

  get definition(): FunctionDefinition {
    return this.#definition;
  }

  /** Runs the function once; a failing function is an outcome, not an exception. */
  async invoke(payload: string): Promise<InvocationOutcome> {
    const instance = await this.#acquire();
    try {
      return await instance.invoke(randomUUID(), payload);
    } finally {
      this.#release(instance);
    }
  }

  /** Ends all instances at once; running invocations fail with `Runtime.ExitError`. */
  async kill(): Promise<number> {
    const instances = [...this.#instances];
    await Promise.all(instances.map((instance) => this.#discard(instance)));
    return instances.length;
  }

  /** Like `kill`, and refuses every further invocation. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.kill();
  }

  async #acquire(): Promise<FunctionInstance> {
    for (;;) {
      if (this.#stopped) {
        throw new LocalAwsError('ServiceException', 500, 'The embedded AWS is stopping');
      }
      const warm = this.#takeIdle();
      if (warm !== undefined) {
        return warm;
      }
      if (this.#instances.size < this.#limit) {
        const instance = new FunctionInstance(this.#definition, this.#optionsOf());
        this.#instances.add(instance);
        return instance;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  #takeIdle(): FunctionInstance | undefined {
    for (const [instance, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(instance);
      if (instance.alive) {
        return instance;
      }
      this.#instances.delete(instance);
    }
    return undefined;
  }

  #release(instance: FunctionInstance): void {
    if (instance.alive) {
      const timer = setTimeout(() => void this.#discard(instance), IDLE_MILLISECONDS);
      this.#idle.set(instance, timer.unref());
    } else {
      this.#instances.delete(instance);
    }
    this.#waiting.shift()?.();
  }

  async #discard(instance: FunctionInstance): Promise<void> {
    clearTimeout(this.#idle.get(instance));
    this.#idle.delete(instance);
    this.#instances.delete(instance);
    await instance.kill();
  }
}
