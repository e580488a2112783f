import type { AuditEvent } from '../domain/audit-chain.ts';
import type { AuditEntry, Vault } from '../domain/records.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { chainChanges } from './chain-changes.ts';
import { requireVault } from './find-vault.ts';
import { writeDecision } from './write-decision.ts';

/** What is to change about a vault, and what the audit chain says of it. */
export interface VaultChange<Result> {
  /** The vault's new state; its audit fields are set by `changeVault`. */
  readonly vault: Vault;
  readonly actor: string;
  readonly action: string;
  readonly details: AuditEvent['details'];
  /** The code of an error, or the rule that decided. @default null */
  readonly reason?: string | null;
  /** What became of it. @default 'done' */
  readonly outcome?: AuditEntry['result'];
  /** Further records of the same transaction. */
  readonly also: readonly Change[];
  readonly result: Result;
}

/** `null` stays `null`: nothing was changed. */
type ResultOf<Decision> = Decision extends VaultChange<infer Result> ? Result : null;

/**
 * Changes a vault, its dependent records and its audit chain in one transaction. `decide` sees the
 * vault as it is and may be called again when another writer was faster; it has no effect of its
 * own. It answers `null` when nothing is to change.
 *
 * @returns the decision's result, `null` when nothing was changed.
 * @throws HoldfastError `VAULT_UNKNOWN`; `LEDGER_CONFLICT` after 5 tries; whatever `decide` throws.
 */
export async function changeVault<Decision extends VaultChange<unknown> | null>(
  services: Pick<Services, 'ledger' | 'clock' | 'request'>,
  vaultId: string,
  decide: (vault: Vault) => Promise<Decision>,
): Promise<ResultOf<Decision>> {
  return writeDecision<ResultOf<Decision>>(services, async () => {
    const stored = await requireVault(services.ledger, vaultId);
    const change = await decide(stored.record);
    if (change === null) {
      return { changes: [], result: null as ResultOf<Decision> };
    }
    const { actor, action, details, reason = null, outcome: result = 'done' } = change;
    const event = { actor, action, details, reason, result };
    const changes: readonly Change[] = [
      ...chainChanges(services, change.vault, stored.version, event),
      ...change.also,
    ];
    return { changes, result: change.result as ResultOf<Decision> };
  });
}
