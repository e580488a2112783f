/**
 * One installation at a time per working tree: two commands started together in a bare clone must
 * not both run `npm ci`. The lock is a file naming the process that holds it.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function holderOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Creates the lock with its content in one step, so nobody ever sees it empty. */
function tryLock(lock, draft) {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

async function acquire(lock, draft) {
  let announced = false;
  while (!tryLock(lock, draft)) {
    const holder = holderOf(lock);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      for (const left of [`${lock}.${holder}`, lock]) rmSync(left, { force: true });
      continue;
    }
    if (!announced) process.stderr.write('Waiting for an installation already under way …\n');
    announced = true;
    await sleep(POLL_MS);
  }
}

/**
 * Runs `work` while holding the lock in `folder` (created when missing). A lock left by a process
 * that no longer runs is taken over.
 */
export async function withInstallLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'install.lock');
  const draft = join(folder, `install.lock.${process.pid}`);
  writeFileSync(draft, String(process.pid));
  try {
    await acquire(lock, draft);
    try {
      await work();
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}
