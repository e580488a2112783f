import { HoldfastError } from '../domain/errors.ts';

/** What a system's error code means for who asked for the restore. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'it is read-only',
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota is used up',
  EFBIG: 'a file is too large for it',
  ENAMETOOLONG: 'a path is too long for it',
  ENOTDIR: 'a file is where a folder is needed',
  EISDIR: 'a folder is where a file is needed',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ELOOP: 'it holds symbolic links that run in a circle',
  EIO: 'the disk reports an error',
};

/**
 * Runs a file system call.
 * @throws HoldfastError `TARGET_UNWRITABLE`. The system's own error is left out: it names paths.
 */
export async function inFolder<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof HoldfastError ? error : unwritable(error);
  }
}

/** Runs a synchronous file system call. @throws as `inFolder` does. */
export function inFolderNow<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof HoldfastError ? error : unwritable(error);
  }
}

function unwritable(error: unknown): HoldfastError<'TARGET_UNWRITABLE'> {
  const code = errorCode(error) ?? 'no code';
  const reason = REASONS[code] ?? `the system answered ${code}`;
  return new HoldfastError('TARGET_UNWRITABLE', { reason });
}

/** @returns a system error's code, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
