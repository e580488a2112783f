import { compareUtf8 } from '../domain/utf8-order.ts';

/** Lists of what has a key, each in ascending order of keys (UTF-8), a key any number of times. */
type Streams = Readonly<Record<string, AsyncIterable<{ readonly key: string }>>>;

type ItemOf<Stream> = Stream extends AsyncIterable<infer Item> ? Item : never;

/** What the lists have under one key. */
export interface KeyGroup<Lists extends Streams> {
  readonly key: string;
  readonly items: { readonly [Name in keyof Lists]: readonly ItemOf<Lists[Name]>[] };
}

/** Walks lists side by side, in constant memory. @returns one group for each key of any of them. */
export async function* mergeByKey<Lists extends Streams>(
  lists: Lists,
): AsyncGenerator<KeyGroup<Lists>> {
  const cursors = await Promise.all(
    Object.entries(lists).map(async ([name, list]) => {
      const iterator = list[Symbol.asyncIterator]();
      return { name, iterator, next: await iterator.next() };
    }),
  );
  for (;;) {
    let key: string | undefined;
    for (const { next } of cursors) {
      if (!next.done && (key === undefined || compareUtf8(next.value.key, key) < 0)) {
        key = next.value.key;
      }
    }
    if (key === undefined) {
      return;
    }
    const items: Record<string, unknown[]> = {};
    for (const cursor of cursors) {
      const group: unknown[] = [];
      while (!cursor.next.done && cursor.next.value.key === key) {
        group.push(cursor.next.value);
        cursor.next = await cursor.iterator.next();
      }
      items[cursor.name] = group;
    }
    yield { key, items: items as KeyGroup<Lists>['items'] };
  }
}
