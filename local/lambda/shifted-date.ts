/**
 * Makes this thread's `Date` follow the embedded clock: `Date.now()`, `new Date()` and `Date()`
 * are ahead of the machine by the shared offset. `performance` and timers stay real. The offset
 * is read on every call, so a moved clock is seen at once.
 */
export function installShiftedDate(clockOffset: SharedArrayBuffer): void {
  const offset = new BigInt64Array(clockOffset);
  const RealDate = globalThis.Date;
  const now = (): number => RealDate.now() + Number(Atomics.load(offset, 0));
  const shifted = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, parameters, newTarget) =>
      Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, newTarget),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  // `new value.constructor()` must not lead back to the unshifted clock.
  Object.defineProperty(RealDate.prototype, 'constructor', { value: shifted, writable: true });
  globalThis.Date = shifted;
}
