import type { Vault } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';

/**
 * Records that nothing is left of an erased vault in either copy but its tombstone. Does nothing
 * for any other vault, and nothing the second time.
 *
 * @throws HoldfastError `LEDGER_CONFLICT`, `LEDGER_UNAVAILABLE`.
 */
export async function endCiphertext(
  services: Pick<Services, 'clock' | 'ledger'>,
  { vaultId }: Pick<Vault, 'vaultId'>,
): Promise<void> {
  const { ledger, clock } = services;
  await changeVault(services, vaultId, async (vault) => {
    const { state, erasureId } = vault;
    const stored = erasureId === null ? undefined : await ledger.get('erasure', vaultId, erasureId);
    if (state !== 'ERASED' || stored === undefined || stored.record.ciphertextRemovedAt !== null) {
      return null;
    }
    const ciphertextRemovedAt = clock.now().toISOString();
    return {
      vault,
      actor: 'holdfast:sweep-copies',
      action: 'erasure.ciphertext-removed',
      details: { erasureId },
      also: [{ record: { ...stored.record, ciphertextRemovedAt }, expect: stored.version }],
      result: undefined,
    };
  });
}
