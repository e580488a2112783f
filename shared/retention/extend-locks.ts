import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import type { Copy } from '../ports/copy.ts';

/** Objects extended at once: up to two requests per copy each, far below what S3 bears. */
const AT_ONCE = 16;

/** An object whose lock is to end at `until`. */
export interface Extension<Item> {
  readonly item: Item;
  readonly objects: readonly StoredObject[];
  readonly until: Date;
}

/** What became of some extensions. */
export interface Extended<Item> {
  /** Those whose objects are locked long enough now, in every copy that has them. */
  readonly done: readonly Extension<Item>[];
  /** What kept the others from it, one failure for each object and copy. */
  readonly failures: readonly unknown[];
}

/**
 * Extends locks in every copy that has the objects. A copy that fails keeps the other from nothing:
 * there the lock is extended all the same.
 */
export async function extendLocks<Item>(
  copies: PerCopy<Copy>,
  extensions: readonly Extension<Item>[],
): Promise<Extended<Item>> {
  const done: Extension<Item>[] = [];
  const failures: unknown[] = [];
  const extend = async (extension: Extension<Item>): Promise<void> => {
    const { objects, until } = extension;
    const requests = objects.flatMap(({ key, versions }) =>
      COPY_NAMES.flatMap((copy) => {
        const version = versions[copy];
        return version === null ? [] : [copies[copy].extendLock(key, version, until)];
      }),
    );
    const outcomes = await Promise.allSettled(requests);
    const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    failures.push(...failed);
    if (failed.length === 0) {
      done.push(extension);
    }
  };
  for (let start = 0; start < extensions.length; start += AT_ONCE) {
    await Promise.all(extensions.slice(start, start + AT_ONCE).map(extend));
  }
  return { done, failures };
}
