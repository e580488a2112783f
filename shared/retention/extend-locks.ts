import pMap from 'p-map';
import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import type { Copy } from '../ports/copy.ts';

/** Locks extended at once: up to two requests each, far below what S3 bears. */
const AT_ONCE = 32;

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
  const failures: unknown[] = [];
  const failed = new Set<Extension<Item>>();
  const requests = extensions.flatMap((extension) =>
    extension.objects.flatMap(({ key, versions }) =>
      COPY_NAMES.flatMap((copy) => {
        const version = versions[copy];
        return version === null ? [] : [{ extension, copy, key, version }];
      }),
    ),
  );
  const extend = async ({ extension, copy, key, version }: (typeof requests)[number]) => {
    try {
      await copies[copy].extendLock(key, version, extension.until);
    } catch (error) {
      failures.push(error);
      failed.add(extension);
    }
  };
  await pMap(requests, extend, { concurrency: AT_ONCE });
  return { done: extensions.filter((one) => !failed.has(one)), failures };
}
