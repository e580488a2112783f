import { describe, expect, test } from 'vitest';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { METRICS } from '../../shared/config/metric-names.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { tombstoneKey } from '../../shared/format/object-keys.ts';
import { reconcileErased } from '../../shared/tombstone/reconcile-erased.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved } from '../support/erasing.ts';
import { livingInstallation, vaultNow } from '../support/living-installation.ts';
import { begin, branchKeyVault, halfAnHour, passes } from '../support/moved-vault.ts';
import { withLedger } from '../support/put-back-ledger.ts';

const always = () => true;

/** An erased vault that was moved to KMS keys before; its ledgers before and in the move. */
async function afterMoveAndErasure() {
  const living = livingInstallation();
  const vault = await branchKeyVault(living);
  const before = living.ledger.copy();
  await begin(living.services, vault);
  const within = living.ledger.copy();
  await passes(living.services);
  await halfAnHour(living);
  await passes(living.services);
  const { keys } = await vaultNow(living, vault.vaultId);
  await approved(living, vault);
  await advanceDueErasures(living.services);
  await living.clock.moveDays(4);
  await advanceDueErasures(living.services);
  await living.clock.moveDays(8);
  await confirmDueErasures(living.services);
  await certifyDueErasures(living.services, TOOL_VERSION);
  return { living, vault, keys, ledgers: { before, within } };
}

describe('a ledger of before a move, restored after the erasure', () => {
  test.each(['before', 'within'] as const)('(%s) learns that it is erased', async (when) => {
    const { living, vault, keys, ledgers } = await afterMoveAndErasure();
    const restored = withLedger(living, ledgers[when]);
    expect(await reconcileErased(restored.services, always)).toMatchObject({ reconciled: 1 });
    const now = await vaultNow(restored, vault.vaultId);
    expect(now).toMatchObject({ state: 'ERASED', keys });
    expect(now.move?.state).toBe(when === 'before' ? undefined : 'DONE');
    expect(living.telemetry.total(METRICS.tombstoneDisputed)).toBe(0);
    expect(await reconcileErased(restored.services, always)).toMatchObject({ reconciled: 0 });
  });

  test('disputes a tombstone while keys that it does not name are there', async () => {
    const { living, vault, ledgers } = await afterMoveAndErasure();
    const restored = withLedger(living, ledgers.before);
    const { keys } = await living.custody.create(vault.vaultId, 'dedicated');
    const stored = await ledgers.before.get('vault', vault.vaultId);
    const record = { ...stored?.record, keys } as Vault;
    await ledgers.before.write([{ record, expect: stored?.version ?? 'absent' }]);
    expect(await reconcileErased(restored.services, always)).toMatchObject({ reconciled: 0 });
    expect((await vaultNow(restored, vault.vaultId)).state).toBe('ACTIVE');
  });

  test('lets nobody move the vault once more', async () => {
    const living = livingInstallation();
    const vault = await branchKeyVault(living);
    living.copies.primary.overwrite(tombstoneKey(vault.vaultId), Buffer.from('{}'));
    await expect(begin(living.services, vault)).rejects.toMatchObject({ code: 'VAULT_UNREADABLE' });
    expect((await vaultNow(living, vault.vaultId)).move).toBeUndefined();
  });
});
