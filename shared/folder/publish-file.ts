import { linkSync, lstatSync, renameSync, type Stats, unlinkSync } from 'node:fs';
import { HoldfastError } from '../domain/errors.ts';
import { errorCode } from './folder-failure.ts';

/**
 * Gives a finished file its name; without `overwrite`, in one step that fails when it exists. By
 * synchronous calls: they only change names, and take less time than handing them to a thread.
 * @throws HoldfastError `TARGET_EXISTS`; errors of the file system.
 */
export function publishFile(partial: string, final: string, overwrite: boolean): void {
  if (overwrite) {
    renameSync(partial, final);
    return;
  }
  try {
    linkSync(partial, final);
  } catch (error) {
    if (!isWithoutLinks(error, final)) {
      throw errorCode(error) === 'EEXIST'
        ? new HoldfastError('TARGET_EXISTS', { count: 1 })
        : error;
    }
    renameSync(partial, final);
    return;
  }
  unlinkSync(partial);
}

/** Some file systems (FAT, some network shares) have no hard links; then looking first must do. */
function isWithoutLinks(error: unknown, final: string): boolean {
  const lacksLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errorCode(error) ?? '');
  if (lacksLinks && statOf(final) !== undefined) {
    throw new HoldfastError('TARGET_EXISTS', { count: 1 });
  }
  return lacksLinks;
}

/** @returns what is at a path, without following a link; `undefined` when nothing is. */
export function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
