/** One failure to come: the `call`-th call of `method`, counted from 1, fails with `error`. */
export interface PlannedFault {
  /** Method name; `open.finish` means `finish` of what `open` returned. */
  readonly method: string;
  /** Default 1. */
  readonly call?: number;
  /**
   * `before`: nothing happens; `after`: it happens and the answer is lost, which is how a killed
   * function or a dropped connection looks from outside.
   */
  readonly when: 'before' | 'after';
  readonly error: Error;
}

/**
 * Wraps a port so that planned calls fail. Methods return promises; an async iterable fails when it
 * is first read.
 * @returns the wrapped port and `requireAllFired`, which throws unless every planned fault
 * happened: a test whose fault never fired proves nothing.
 */
export function withFaults<Port extends object>(
  port: Port,
  faults: readonly PlannedFault[],
): { port: Port; requireAllFired: () => void } {
  const calls = new Map<string, number>();
  const waiting = new Set(faults);

  const faultOf = (method: string): PlannedFault | undefined => {
    const call = (calls.get(method) ?? 0) + 1;
    calls.set(method, call);
    const fault = faults.find((f) => f.method === method && (f.call ?? 1) === call);
    if (fault !== undefined) {
      waiting.delete(fault);
    }
    return fault;
  };
  const wrap = <Inner extends object>(inner: Inner, path: string): Inner =>
    new Proxy(inner, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function' || typeof name !== 'string') {
          return member;
        }
        const method = `${path}${name}`;
        return (...args: unknown[]) => {
          const fault = faultOf(method);
          const call = (): unknown => Reflect.apply(member, target, args);
          return run(call, fault, (result) => wrap(result, `${method}.`), faults, method);
        };
      },
    });
  const requireAllFired = (): void => {
    if (waiting.size > 0) {
      const left = [...waiting].map(({ method, call }) => `${method} call ${call ?? 1}`);
      throw new Error(`Planned faults that never fired: ${left.join(', ')}`);
    }
  };
  return { port: wrap(port, ''), requireAllFired };
}

function run(
  call: () => unknown,
  fault: PlannedFault | undefined,
  wrapResult: (result: object) => object,
  faults: readonly PlannedFault[],
  method: string,
): unknown {
  if (fault?.when === 'before') {
    return rejecting(fault.error);
  }
  const result = call();
  if (!(result instanceof Promise)) {
    return fault === undefined ? result : rejecting(fault.error);
  }
  return result.then((value: unknown) => {
    if (fault !== undefined) {
      throw fault.error;
    }
    const isWatched = faults.some((planned) => planned.method.startsWith(`${method}.`));
    return isWatched && typeof value === 'object' && value !== null ? wrapResult(value) : value;
  });
}

/** Fails both as a promise and as an async iterable. */
function rejecting(error: Error): Promise<never> & AsyncIterable<never> {
  const promise = Promise.reject<never>(error);
  // Nobody awaits the promise when the caller iterates.
  promise.catch(() => undefined);
  return Object.assign(promise, {
    [Symbol.asyncIterator]: () => ({ next: () => promise }),
  });
}
