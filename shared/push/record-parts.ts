import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { StoredObject } from '../domain/records.ts';
import type { ManifestPart } from '../domain/run-records.ts';
import { manifestPart } from '../format/object-keys.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { refuse } from './examine-written.ts';
import type { PushRun } from './require-push.ts';

/**
 * Records the manifest parts of a push, which were examined before. May be repeated: what is
 * recorded already stays as it is.
 *
 * @throws HoldfastError `PUSH_REFUSED` for a part that is known as another one.
 */
export async function recordParts(
  { ledger }: Pick<Services, 'ledger'>,
  { vaultId, runId, push: { snapshotId } }: PushRun,
  manifests: readonly StoredObject[],
): Promise<void> {
  const changes: Change[] = [];
  for (const stored of manifests) {
    const part = manifestPart(stored.key);
    const known = await ledger.get('manifest-part', vaultId, snapshotId, part);
    if (known === undefined) {
      const names = { kind: 'manifest-part', vaultId, snapshotId, runId, part } as const;
      const record: ManifestPart = { ...names, ...stored, content: null };
      changes.push({ record, expect: 'absent' });
    } else if (known.record.sha256 !== stored.sha256) {
      refuse(runId, stored.key, 'is known as another manifest part');
    }
  }
  for (let start = 0; start < changes.length; start += MAX_LEDGER_WRITES) {
    await ledger.write(changes.slice(start, start + MAX_LEDGER_WRITES));
  }
}
