import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The data directory is not usable: another server has it, or it cannot be written. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
}

/** Directories locked by this very process, whose own pid proves nothing. */
const heldHere = new Set<string>();

/**
 * Makes sure that only one server uses a data directory, by a file with its process id. A lock
 * whose process is gone is taken over, also when another process has got its id since.
 * @returns the function that releases the lock.
 * @throws DataDirectoryError
 */
export function lockDataDirectory(dataDirectory: string): () => void {
  const file = join(dataDirectory, 'lock');
  if (heldHere.has(file)) {
    throw new DataDirectoryError(`${dataDirectory} is already used by this process`);
  }
  try {
    mkdirSync(dataDirectory, { recursive: true });
    takeLock(file, dataDirectory);
  } catch (cause) {
    if (cause instanceof DataDirectoryError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataDirectoryError(`cannot write to ${dataDirectory}: ${reason}`, { cause });
  }
  heldHere.add(file);
  return () => {
    heldHere.delete(file);
    rmSync(file, { force: true });
  };
}

function takeLock(file: string, dataDirectory: string): void {
  const own = `${process.pid} ${startOf(process.pid) ?? ''}`;
  for (;;) {
    try {
      writeFileSync(file, own, { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const [pid = '', start = ''] = readFileSync(file, 'utf8').split(' ');
    if (Number(pid) !== process.pid && isRunning(Number(pid), start)) {
      throw new DataDirectoryError(`${dataDirectory} is used by another server (process ${pid})`);
    }
    rmSync(file, { force: true });
  }
}

function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user cannot be signalled, but it runs.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  const actual = startOf(pid);
  return actual === undefined || start === '' || actual === start;
}

/** When a process started, in ticks since boot; known on Linux only. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may contain spaces; the start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
