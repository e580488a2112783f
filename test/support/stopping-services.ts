import type { KeyringNode } from '@aws-crypto/client-node';
import type { Vault } from '../../shared/domain/records.ts';
import type { Services } from '../../shared/ports/services.ts';
import { CheckedKeyring } from './checked-keyring.ts';

/** Port methods that answer with an async iterable; all others answer with a promise. */
const ITERATED = ['list', 'listFolders', 'due'];

/** Port methods that change nothing. */
const READING = ['get', 'list', 'due', 'read', 'inspect', 'state', 'states', 'probe'];

/** Services that die at one point, as those of a function do that is killed. */
export interface StoppingServices {
  readonly services: Services;
  /** What the call at that point, and every later one, fails with. */
  readonly failure: Error;
  /** How often ledger, copies, keys and source have been reached so far. */
  readonly calls: () => number;
  /** Which of them changed something, counted from 1. */
  readonly effects: () => readonly number[];
}

/**
 * @param point - the call that fails first, counted from 1; each entry of a listing counts too.
 * @param when - `before`: the call does not happen; `after`: it happens and its answer is lost.
 */
export function stoppingAfter(
  services: Services,
  point: number,
  when: 'before' | 'after',
): StoppingServices {
  const failure = new Error('killed');
  let calls = 0;
  const effects: number[] = [];

  const guarded = async <T>(call: () => Promise<T>, name = 'list'): Promise<T> => {
    calls += 1;
    if (!READING.includes(name)) {
      effects.push(calls);
    }
    const isLast = calls === point;
    if (calls > point || (isLast && when === 'before')) {
      throw failure;
    }
    const answer = await call();
    if (isLast) {
      throw failure;
    }
    return answer;
  };

  async function* guardedEntries(entries: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    const iterator = entries[Symbol.asyncIterator]();
    for (;;) {
      const next = await guarded(() => iterator.next());
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  }

  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') {
          return member;
        }
        const call = (args: unknown[]): unknown => Reflect.apply(member, target, args);
        if (ITERATED.includes(String(name))) {
          return (...args: unknown[]) => guardedEntries(call(args) as AsyncIterable<unknown>);
        }
        return async (...args: unknown[]) => {
          const answer = await guarded(async () => call(args), String(name));
          return name === 'open' ? wrap(answer as object) : answer;
        };
      },
    });

  const checked = (keyring: KeyringNode): KeyringNode =>
    new CheckedKeyring(keyring, () => {
      calls += 1;
      if (calls >= point) {
        throw failure;
      }
    });

  const { copies, custody } = services;
  const stopping: Services = {
    ...services,
    ledger: wrap(services.ledger),
    destruction: wrap(services.destruction),
    copies: { primary: wrap(copies.primary), secondary: wrap(copies.secondary) },
    custody: overridden(wrap(custody), {
      wrapping: (keys) => checked(custody.wrapping(keys)),
      unwrapping: (keys, from) => checked(custody.unwrapping(keys, from)),
    }),
    openSource: (vault: Vault) => wrap(services.openSource(vault)),
  };
  return { services: stopping, failure, calls: () => calls, effects: () => effects };
}

/** A port with some methods of its own: those of a class are not copied by spreading it. */
function overridden<Port extends object>(port: Port, own: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => Reflect.get(name in own ? own : target, name),
  });
}
