import type { RecordKind } from '../../shared/domain/records.ts';
import type { Change } from '../../shared/ports/ledger.ts';
import type { Services } from '../../shared/ports/services.ts';
import type { MemoryServices } from './memory-services.ts';

/** The same world, in which something else happens at one call of the ledger, once. */
export function interrupted(
  { services }: Pick<MemoryServices, 'services'>,
  isThen: (method: string, args: readonly unknown[]) => boolean,
  when: 'before' | 'after',
  happens: () => Promise<unknown>,
): Services {
  let hasHappened = false;
  const ledger = new Proxy(services.ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || !['get', 'write'].includes(String(name))) {
        return typeof member === 'function' ? member.bind(target) : member;
      }
      return async (...args: unknown[]) => {
        const isNow = !hasHappened && isThen(String(name), args);
        hasHappened ||= isNow;
        if (isNow && when === 'before') {
          await happens();
        }
        const answer = await Reflect.apply(member, target, args);
        if (isNow && when === 'after') {
          await happens();
        }
        return answer;
      };
    },
  });
  return { ...services, ledger };
}

/** Whether a call writes a record of some kind. */
export const writes =
  (kind: RecordKind) =>
  (method: string, [changes]: readonly unknown[]): boolean =>
    method === 'write' && (changes as Change[]).some(({ record }) => record.kind === kind);
