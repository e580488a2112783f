import { HoldfastError } from '../../shared/domain/errors.ts';
import type { Copy } from '../../shared/ports/copy.ts';

/** A copy that refuses some methods, as a bucket does whose policy somebody has changed. */
export function denying(copy: Copy, ...methods: readonly (keyof Copy)[]): Copy {
  return new Proxy(copy, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (methods.some((method) => method === name)) {
        return async (object: string) => {
          throw new HoldfastError('COPY_DENIED', { copy: target.name, object });
        };
      }
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
