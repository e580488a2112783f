import { isFault } from '../domain/errors.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import type { Pack } from '../domain/records.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';
import { writeDecision } from '../registry/write-decision.ts';

/**
 * Changes the records of many packs, as many as fit into one transaction at a time. A backup, a
 * repair and the daily work may be at the same pack at once: when one was changed in between, the
 * change is made again to what it has become, so that none of them undoes another's.
 *
 * @param change - has no effect of its own; a pack that it returns as it was is not written.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT` after several tries.
 */
export async function changePacks(
  ledger: Ledger,
  packs: readonly Stored<'pack'>[],
  change: (pack: Pack) => Pack,
): Promise<void> {
  for (let start = 0; start < packs.length; start += MAX_LEDGER_WRITES) {
    const batch = packs.slice(start, start + MAX_LEDGER_WRITES);
    const changes = batch.flatMap((stored) => changesOf(stored, change));
    try {
      if (changes.length > 0) {
        await ledger.write(changes);
      }
    } catch (error) {
      if (!isFault(error, 'LEDGER_CONFLICT')) {
        throw error;
      }
      for (const { record } of batch) {
        await changePack(ledger, record, change);
      }
    }
  }
}

async function changePack(
  ledger: Ledger,
  { vaultId, packId }: Pack,
  change: (pack: Pack) => Pack,
): Promise<void> {
  await writeDecision({ ledger }, async () => {
    const stored = await ledger.get('pack', vaultId, packId);
    return { changes: stored === undefined ? [] : changesOf(stored, change), result: undefined };
  });
}

function changesOf({ record, version }: Stored<'pack'>, change: (pack: Pack) => Pack) {
  const changed = change(record);
  return changed === record ? [] : [{ record: changed, expect: version }];
}
