import { inBothCopies } from '../domain/copy-name.ts';
import { daysAfter } from '../domain/lock.ts';
import { CHECKPOINTS } from '../format/object-keys.ts';
import { sha256Of } from '../format/signed-statement.ts';
import type { Copy } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import { readObject } from '../proof/read-object.ts';

type CompletingServices = Pick<Services, 'copies' | 'clock' | 'installation'>;

/**
 * Writes every checkpoint that one copy missed to it, as the other has it: a Region that was
 * disturbed on a day has that day all the same afterwards.
 *
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `OBJECT_MISSING`.
 */
export async function completeCheckpoints(services: CompletingServices): Promise<void> {
  const { copies } = services;
  const listed = await inBothCopies((name) => listCheckpoints(copies[name]));
  await copyMissing(services, listed.primary, listed.secondary);
  await copyMissing(services, listed.secondary, listed.primary);
}

/** What one copy has: the first version of each name, which is the one that counts. */
interface Checkpoints {
  readonly copy: Copy;
  readonly versions: ReadonlyMap<string, string>;
}

async function listCheckpoints(copy: Copy): Promise<Checkpoints> {
  const versions = new Map<string, string>();
  for await (const { key, versionId, isDeleteMarker } of copy.list(CHECKPOINTS)) {
    if (!isDeleteMarker) {
      versions.set(key, versionId);
    }
  }
  return { copy, versions };
}

async function copyMissing(
  { clock, installation }: CompletingServices,
  from: Checkpoints,
  to: Checkpoints,
): Promise<void> {
  for (const [key, versionId] of from.versions) {
    if (!to.versions.has(key)) {
      const bytes = await readObject(from.copy, key, versionId);
      await to.copy.put(key, bytes, {
        lockedUntil: daysAfter(clock.now(), installation.maxLockDays),
        contentType: 'application/json',
        sha256: sha256Of(bytes),
      });
    }
  }
}
