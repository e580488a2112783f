import { COPY_NAMES, type PerCopy } from '../domain/copy-name.ts';
import type { VaultMove } from '../domain/move-records.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import type { FoundMove } from './find-move.ts';

type RecordingServices = Pick<Services, 'clock' | 'custody' | 'ids' | 'ledger'>;

/**
 * @returns a move as the ledger is to have it. One that is over ends with the next pass of the
 * erasing function, which sees to it that the old keys are gone; any other is done anew, from what
 * the first seals name.
 * @throws HoldfastError `KEYS_UNUSABLE` unless the new keys are enabled; `KEYS_UNAVAILABLE`.
 */
export async function moveAgain(
  { clock, custody, ids }: Omit<RecordingServices, 'ledger'>,
  actor: string,
  { from, to, isOver }: FoundMove,
): Promise<VaultMove> {
  const now = clock.now().toISOString();
  return {
    ...{ moveId: ids.next(), begunAt: now, begunBy: actor },
    ...{ from, to, probes: await custody.sealProbes(to) },
    ...{ leasedUntil: null, endedAt: null },
    ...(isOver
      ? { state: 'SWITCHED' as const, destroyAt: now }
      : { state: 'COPYING' as const, destroyAt: null }),
  };
}

/**
 * Lets a vault that the ledger has know of its move. Of one that it knows already it learns at most
 * that it is over.
 *
 * @throws HoldfastError `KEYS_UNUSABLE`, `KEYS_UNAVAILABLE`, `VAULT_UNKNOWN`, `LEDGER_CONFLICT`.
 */
export async function recordMove(
  services: RecordingServices,
  actor: string,
  vaultId: string,
  found: FoundMove,
): Promise<void> {
  const again = await moveAgain(services, actor, found);
  await changeVault(services, vaultId, async (vault) => {
    if (vault.move !== undefined && !(vault.move.state === 'COPYING' && found.isOver)) {
      return null;
    }
    const { unfinishedRunId: _, ...rest } = vault;
    const { state, destroyAt, probes } = again;
    const move = { ...(vault.move ?? again), state, destroyAt, leasedUntil: null };
    const switched = found.isOver ? { keys: found.to, probes } : {};
    const { primary, secondary } = found.to;
    return {
      vault: { ...rest, ...switched, activeRun: null, move },
      actor,
      action: 'move.rebuilt',
      details: { moveId: move.moveId, state, primaryKey: primary, secondaryKey: secondary },
      also: await unknownKeys(services, vaultId, found.to),
      result: null,
    };
  });
}

/** @returns records that let key events find the vault. */
async function unknownKeys(
  { ledger }: RecordingServices,
  vaultId: string,
  keys: PerCopy<string>,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const copy of COPY_NAMES) {
    if ((await ledger.get('vault-key', keys[copy])) === undefined) {
      const record = { kind: 'vault-key', keyArn: keys[copy], vaultId, copy } as const;
      changes.push({ record, expect: 'absent' });
    }
  }
  return changes;
}
