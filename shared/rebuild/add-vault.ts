import { NO_ENTRIES, withAuditEntry } from '../domain/audit-chain.ts';
import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import type { Hold } from '../domain/hold-records.ts';
import { idTime } from '../domain/ids.ts';
import type { VaultMove } from '../domain/move-records.ts';
import type { PolicyPin } from '../domain/policy-records.ts';
import type { LedgerRecord, Vault } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { registerClient } from '../registry/register-client.ts';

/** Stands for every client whose name is lost. */
const UNKNOWN_CLIENT = { name: 'Unknown: rebuilt from the copies', reference: 'rebuilt' } as const;

/** What the copies show of a vault. */
export interface VaultTraces extends PolicyPin {
  readonly vaultId: string;
  readonly keys: PerCopy<string>;
  /** Empty for a vault that is erased: nothing is to be shown of it any more. */
  readonly probes: PerCopy<string>;
  readonly isErased: boolean;
  /** Its move to other keys, that is to be gone on with; `null` for none. */
  readonly move: VaultMove | null;
  /** That it is held again with; written with it, so that it is never there without. */
  readonly hold: Hold | null;
}

/**
 * Puts a vault back into the ledger as far as the copies show it. What only the ledger knew is
 * lost: the client, the record class, the source, how it was closed, the audit chain, which begins
 * anew. So it is CLOSED: it takes no backups, can be read, and expires as its snapshots say.
 *
 * @throws HoldfastError `LEDGER_CONFLICT` when it is there by now.
 */
export async function addVault(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'request'>,
  actor: string,
  { vaultId, policyId, policyVersion, keys, probes, isErased, move, hold }: VaultTraces,
): Promise<void> {
  const clientId = await unknownClient(services, actor);
  const recordClass = `rebuilt-${vaultId.toLowerCase()}`;
  const at = services.clock.now();
  const lost: Vault = {
    kind: 'vault',
    ...{ vaultId, clientId, recordClass, policyId, policyVersion, keys, probes },
    state: isErased ? 'ERASED' : 'CLOSED',
    source: { kind: 'folder' },
    createdAt: idTime(vaultId).toISOString(),
    createdBy: actor,
    nextBackupAt: null,
    lastSnapshotId: null,
    lastSnapshotAt: null,
    drill: null,
    activeRun: null,
    holds: hold === null ? 0 : 1,
    closing: null,
    erasureId: null,
    ...(move === null ? {} : { move }),
    audit: NO_ENTRIES,
  };
  const { state, holds } = lost;
  const details = { primaryKey: keys.primary, secondaryKey: keys.secondary, state, holds };
  const requestId = services.request?.id ?? null;
  const event = { at, actor, requestId, action: 'vault.rebuilt', details };
  const { owner: vault, entry } = withAuditEntry(lost, event);
  const records: LedgerRecord[] = [
    ...(hold === null ? [] : [hold]),
    ...[vault, entry, { kind: 'vault-class', clientId, recordClass, vaultId } as const],
    ...[keys, ...(move === null ? [] : [move.state === 'COPYING' ? move.to : move.from])].flatMap(
      (pair) =>
        COPY_NAMES.map(
          (copy) => ({ kind: 'vault-key', keyArn: pair[copy], vaultId, copy }) as const,
        ),
    ),
  ];
  await services.ledger.write(records.map((record) => ({ record, expect: 'absent' })));
}

async function unknownClient(
  services: Pick<Services, 'ledger' | 'clock' | 'ids' | 'request'>,
  actor: string,
): Promise<string> {
  try {
    return (await registerClient(services, actor, UNKNOWN_CLIENT)).clientId;
  } catch (error) {
    if (!isFault(error, 'CLIENT_EXISTS')) {
      throw error;
    }
    return error.data.clientId;
  }
}
