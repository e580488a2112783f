import { COPY_NAMES } from '../domain/copy-name.ts';
import { HoldfastError } from '../domain/errors.ts';
import { type KeyTier, tierOf } from '../domain/key-tier.ts';
import { openMove, type VaultMove } from '../domain/move-records.ts';
import type { Vault, VaultKey } from '../domain/records.ts';
import { isReadable } from '../domain/states.ts';
import { findOpenErasure } from '../erasure/find-erasure.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { refuseErased } from '../tombstone/find-tombstone.ts';
import { MOST_MOVED_BYTES } from './move-limits.ts';
import { tellMover } from './tell-mover.ts';

type BeginningServices = Pick<
  Services,
  | 'ledger'
  | 'clock'
  | 'ids'
  | 'copies'
  | 'custody'
  | 'installation'
  | 'pipeline'
  | 'telemetry'
  | 'request'
>;

/**
 * Begins to move a vault from branch keys to two KMS keys of its own:
 *
 * 1. refuses what cannot be moved, or not now
 * 2. makes the two keys
 * 3. writes the move into the ledger; from then on backups, and requests to erase, wait for its end
 *
 * Broken off after step 2, or overtaken by another move, it leaves keys that open nothing.
 *
 * @param tier - the only one that a vault can be moved to is `dedicated`.
 * @returns the vault as it stands then.
 * @throws HoldfastError `VAULT_UNKNOWN`, `MOVE_REFUSED`, `VAULT_MOVING`, `VAULT_UNREADABLE`,
 * `ERASURE_UNDER_WAY`, `BACKUP_RUNNING`, `KEYS_UNAVAILABLE`, `COPY_UNAVAILABLE`.
 */
export async function beginMove(
  services: BeginningServices,
  actor: string,
  vaultId: string,
  tier: KeyTier,
): Promise<Vault> {
  const { ledger, clock, ids, custody } = services;
  const { record: found } = await requireVault(ledger, vaultId);
  await requireMovable(services, found, tier);
  await refuseErased(services, vaultId);
  await requireSnapshotsMovable(services, vaultId);
  const { keys: to, probes } = await custody.create(vaultId, tier);
  const moveId = ids.next();
  const vaultKeys = COPY_NAMES.map(
    (copy): VaultKey => ({ kind: 'vault-key', keyArn: to[copy], vaultId, copy }),
  );
  const moving = await changeVault(services, vaultId, async (vault) => {
    await requireMovable(services, vault, tier);
    const { unfinishedRunId: _, ...rest } = vault;
    const move: VaultMove = {
      ...{ moveId, state: 'COPYING', begunAt: clock.now().toISOString(), begunBy: actor },
      ...{ from: vault.keys, to, probes, leasedUntil: null, destroyAt: null, endedAt: null },
    };
    const next: Vault = { ...rest, activeRun: null, move };
    return {
      vault: next,
      actor,
      action: 'move.begun',
      details: { moveId, tier, primaryKey: to.primary, secondaryKey: to.secondary },
      also: vaultKeys.map((record) => ({ record, expect: 'absent' as const })),
      result: next,
    };
  });
  await tellMover(services);
  return moving;
}

async function requireMovable(
  { ledger, clock }: Pick<Services, 'ledger' | 'clock'>,
  vault: Vault,
  tier: KeyTier,
): Promise<void> {
  const { vaultId, state, activeRun } = vault;
  if (openMove(vault) !== undefined) {
    throw new HoldfastError('VAULT_MOVING', { vaultId });
  }
  if (tierOf(vault.keys) === tier) {
    throw new HoldfastError('MOVE_REFUSED', { vaultId, why: 'same-tier' });
  }
  if (tier !== 'dedicated') {
    throw new HoldfastError('MOVE_REFUSED', { vaultId, why: 'to-shared-root' });
  }
  if (!isReadable(state)) {
    throw new HoldfastError('VAULT_UNREADABLE', { vaultId, state });
  }
  const erasure = await findOpenErasure(ledger, vault);
  if (erasure !== undefined) {
    throw new HoldfastError('ERASURE_UNDER_WAY', { vaultId, erasureId: erasure.record.erasureId });
  }
  if (activeRun !== null && new Date(activeRun.until) > clock.now()) {
    throw new HoldfastError('BACKUP_RUNNING', { vaultId, runId: activeRun.runId });
  }
}

async function requireSnapshotsMovable(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
): Promise<void> {
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    if (record.expiredAt === null && record.protectionState !== 'protected') {
      throw new HoldfastError('MOVE_REFUSED', { vaultId, why: 'single-copy' });
    }
  }
  for await (const { record } of ledger.list('pack', { vaultId })) {
    if (record.size > MOST_MOVED_BYTES) {
      throw new HoldfastError('MOVE_REFUSED', { vaultId, why: 'large-pack' });
    }
  }
}
