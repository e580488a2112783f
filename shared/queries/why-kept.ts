import type { KeptAnswer } from '../admin-api/kept-answer.ts';
import { keepingOf } from '../domain/kept-snapshots.ts';
import type { Snapshot, Vault } from '../domain/records.ts';
import { findLatestErasure } from '../erasure/find-erasure.ts';
import type { Services } from '../ports/services.ts';
import { keepingFacts } from '../retention/kept-in-vault.ts';
import { holdsInForce } from './list-holds.ts';

/**
 * @returns what tells of a vault's snapshots what keeps them: the same facts by which they expire.
 * @throws HoldfastError `VAULT_UNKNOWN`, `LEDGER_UNAVAILABLE`.
 */
export async function keptTeller(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vault: Vault,
): Promise<(snapshot: Snapshot) => KeptAnswer> {
  const facts = await keepingFacts(ledger, vault);
  const holds = vault.holds > 0 ? await holdsInForce({ ledger }, vault.vaultId) : [];
  const erased = facts.isErased ? await findLatestErasure(ledger, vault) : undefined;
  const now = clock.now();
  return (snapshot) => {
    const { snapshotId, retainUntil, expiredAt } = snapshot;
    const touching = holds.filter(
      ({ scope }) => scope.kind !== 'snapshot' || scope.snapshotId === snapshotId,
    ).length;
    const told = (by: KeptAnswer['by'], until: string | null) => ({ by, until, holds: touching });
    if (facts.isErased) {
      return told('erased', erased?.record.endedAt ?? null);
    }
    if (expiredAt !== null) {
      return told('expired', expiredAt);
    }
    if (touching > 0) {
      return told('hold', null);
    }
    const keeping = keepingOf(snapshot, facts, now);
    if (keeping === null) {
      return told('nothing', retainUntil);
    }
    const until = keeping.until?.toISOString() ?? null;
    if (until === new Date(retainUntil).toISOString()) {
      return told('end', until);
    }
    const { final } = facts;
    const isEndless = final?.snapshotId === snapshotId && final.keepUntil === null;
    return told(until !== null || isEndless ? 'final' : 'last', until);
  };
}
