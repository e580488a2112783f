import { keepingOf } from '../domain/kept-snapshots.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { keepingFacts } from './kept-in-vault.ts';

/**
 * Ends a snapshot that is not kept any more: from then on nobody can restore it or hold it, and its
 * objects go as their locks end. Decided anew within the transaction, which a hold that is placed
 * at the same moment makes fail: then the hold has won.
 *
 * @returns whether it expired now.
 * @throws HoldfastError `VAULT_UNKNOWN`, `LEDGER_CONFLICT`, `LEDGER_UNAVAILABLE`.
 */
export async function expireSnapshot(
  services: Pick<Services, 'clock' | 'ledger'>,
  { vaultId, snapshotId }: { readonly vaultId: string; readonly snapshotId: string },
): Promise<boolean> {
  const { ledger, clock } = services;
  const expired = await changeVault(services, vaultId, async (vault) => {
    const stored = await ledger.get('snapshot', vaultId, snapshotId);
    const facts = await keepingFacts(ledger, vault);
    const now = clock.now();
    if (stored === undefined || stored.record.expiredAt !== null) {
      return null;
    }
    if (keepingOf(stored.record, facts, now) !== null) {
      return null;
    }
    const { createdAt, retainUntil } = stored.record;
    const record = { ...stored.record, expiredAt: now.toISOString() };
    return {
      vault,
      actor: 'holdfast:sweep-copies',
      action: 'snapshot.expired',
      details: { snapshotId, createdAt, retainUntil },
      also: [{ record, expect: stored.version }],
      result: true,
    };
  });
  return expired ?? false;
}
