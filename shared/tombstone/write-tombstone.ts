import type { CertificateRecord, TombstoneRecord } from '../domain/certificate-records.ts';
import type { Vault } from '../domain/records.ts';
import { tombstoneKey } from '../format/object-keys.ts';
import { type Tombstone, tombstoneBytes } from '../format/tombstone.ts';
import type { Services } from '../ports/services.ts';
import { writeProof } from '../proof/write-proof.ts';
import { changeVault } from '../registry/change-vault.ts';

/**
 * Says in both copies, and then in the ledger, that a vault is erased. From the moment it lies in
 * one copy nothing brings the vault back, whatever becomes of the ledger. May be repeated.
 *
 * @param certificate - the one being issued; its record is open.
 * @param erasedAt - when the erasure was complete.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `OBJECT_DAMAGED`, `LEDGER_UNAVAILABLE`.
 */
export async function writeTombstone(
  services: Pick<Services, 'ledger' | 'clock' | 'copies' | 'installation'>,
  { vaultId, keys }: Vault,
  { certificateId, erasureId, openedAt }: CertificateRecord,
  erasedAt: string,
): Promise<void> {
  if ((await services.ledger.get('tombstone', vaultId)) !== undefined) {
    return;
  }
  const tombstone: Tombstone = {
    format: 1,
    kind: 'tombstone',
    ...{ vaultId, erasureId, erasedAt, certificateId, keys },
  };
  const versions = await writeProof(services, {
    key: tombstoneKey(vaultId),
    bytes: tombstoneBytes(tombstone),
    contentType: 'application/json',
    from: new Date(openedAt),
  });
  await changeVault(services, vaultId, async (vault) => {
    if ((await services.ledger.get('tombstone', vaultId)) !== undefined) {
      return null;
    }
    const writtenAt = services.clock.now().toISOString();
    const record: TombstoneRecord = {
      kind: 'tombstone',
      ...{ vaultId, erasureId, certificateId, writtenAt, versions },
    };
    return {
      vault,
      actor: 'holdfast:certify-erasures',
      action: 'tombstone.written',
      details: { erasureId, certificateId },
      also: [{ record, expect: 'absent' as const }],
      result: null,
    };
  });
}
