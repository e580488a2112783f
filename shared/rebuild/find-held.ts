import { pMapIterable } from 'p-map';
import { compareLegalHolds, LegalHoldAnswers } from '../holds/compare-legal-holds.ts';
import { isHeldAsWhole } from '../holds/hold-again.ts';
import type { Copy } from '../ports/copy.ts';
import type { Services } from '../ports/services.ts';
import type { RebuildWish, VaultFindings } from './rebuild-wish.ts';

/** Seals asked after side by side: some milliseconds each, and a vault may have thousands. */
const AT_ONCE = 16;

/**
 * Asks S3 about the legal holds on all seals of a vault before anything is added: a hold covers the
 * seal of each snapshot it covers. One that the ledger knows nothing of was placed after the time
 * that the ledger was restored to, or the ledger has lost it. A vault that is held as a whole has
 * nothing to be asked for, and neither has a snapshot that has expired: it cannot be held any more.
 *
 * @returns whether such a hold was found.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `LEDGER_UNAVAILABLE`.
 */
export async function findHeld(
  services: Pick<Services, 'ledger' | 'copies'>,
  { from }: RebuildWish,
  { vaultId, found, recorded }: VaultFindings,
): Promise<boolean> {
  if (await isHeldAsWhole(services, vaultId)) {
    return false;
  }
  const copy = services.copies[from];
  const asked = found.filter(({ snapshotId }) => !recorded.get(snapshotId)?.expiredAt);
  const inspected = pMapIterable(
    asked,
    async ({ snapshotId, key, versionId: first, later }) => {
      const snapshot = recorded.get(snapshotId);
      const known = snapshot?.seal.versions[from];
      const on = await firstOn(copy, key, known ? [known] : [first, ...later]);
      return { isRecorded: snapshot !== undefined, key, on };
    },
    { concurrency: AT_ONCE },
  );
  const answers = new LegalHoldAnswers({ holds: 0 });
  for await (const { isRecorded, key, on } of inspected) {
    if (on !== undefined && !isRecorded) {
      return true;
    }
    if (on !== undefined) {
      answers.add(from, key, { versionId: on, isOn: true });
    }
  }
  const { isUnknown } = await compareLegalHolds(services, vaultId, answers);
  return isUnknown;
}

/** @returns the first version under a legal hold. */
async function firstOn(
  copy: Copy,
  key: string,
  versions: readonly string[],
): Promise<string | undefined> {
  for (const version of versions) {
    if ((await copy.inspect(key, version))?.legalHold === true) {
      return version;
    }
  }
  return undefined;
}
