import { COPY_NAMES } from '../domain/copy-name.ts';
import { daysAfter } from '../domain/lock.ts';
import { CERTIFICATES, CHECKPOINTS, tombstoneKey } from '../format/object-keys.ts';
import type { Copy } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { everyVault } from '../registry/every-vault.ts';

/** A lock is extended when it has become this much shorter than it may be: once a month. */
const STEP_DAYS = 30;

/** Locks that allow for no such step are extended when half of them is over. */
const HALF = 2;

type RenewalServices = Pick<Services, 'ledger' | 'clock' | 'copies' | 'installation'>;

/**
 * Keeps certificates, checkpoints and tombstones locked for as long as the installation lives:
 * extends every lock that has become a month shorter than both copies allow.
 *
 * @returns how many objects were looked at.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `OBJECT_MISSING`, `LEDGER_UNAVAILABLE`.
 */
export async function renewProofs(services: RenewalServices): Promise<number> {
  const tombstones: string[] = [];
  for await (const vault of everyVault(services)) {
    if (vault.state === 'ERASED') {
      tombstones.push(tombstoneKey(vault.vaultId));
    }
  }
  let looked = 0;
  for (const name of COPY_NAMES) {
    for (const prefix of [CERTIFICATES, CHECKPOINTS, ...tombstones]) {
      looked += await renewBelow(services, services.copies[name], prefix);
    }
  }
  return looked;
}

async function renewBelow(
  { clock, installation: { maxLockDays } }: RenewalServices,
  copy: Copy,
  prefix: string,
): Promise<number> {
  const now = clock.now();
  const step = Math.min(STEP_DAYS, maxLockDays / HALF);
  const enough = daysAfter(now, maxLockDays - step);
  let looked = 0;
  for await (const { key, versionId, isDeleteMarker } of copy.list(prefix)) {
    const state = isDeleteMarker ? undefined : await copy.inspect(key, versionId);
    if (state !== undefined) {
      looked += 1;
      if (state.lockedUntil !== null && state.lockedUntil < enough) {
        await copy.extendLock(key, versionId, daysAfter(now, maxLockDays));
      }
    }
  }
  return looked;
}
