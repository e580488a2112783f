import { describe, expect, test } from 'vitest';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { listCertificates } from '../../shared/certificate/find-certificate.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import { findTombstone } from '../../shared/tombstone/find-tombstone.ts';
import { erasedVault, TOOL_VERSION } from '../support/certified-erasure.ts';
import { livingInstallation } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const certify = ({ services }: MemoryServices) => certifyDueErasures(services, TOOL_VERSION);

describe('an erasure for whose certificate something is missing', () => {
  /** Nobody has seen, or ever will, that one of the keys was to be deleted. */
  async function undated() {
    const living = livingInstallation();
    const { vault, erasure } = await erasedVault(living);
    const put = async (deletionDates: Erasure['deletionDates']) => {
      const stored = await living.ledger.get('erasure', vault.vaultId, erasure.erasureId);
      const record = { ...erasure, deletionDates };
      await living.ledger.write([{ record, expect: stored?.version ?? 'absent' }]);
    };
    await put(null);
    return { living, vault, erasure, put };
  }

  test('has its tombstone, is written down and alarmed once, and fails no pass', async () => {
    const { living, vault, erasure } = await undated();
    for (let hour = 0; hour < 3; hour += 1) {
      expect(await certify(living)).toBe(0);
    }
    expect(living.telemetry.total('CertificateRefused')).toBe(1);
    expect(await findTombstone(living.services, vault.vaultId)).toMatchObject({
      erasureId: erasure.erasureId,
    });
    const entries = await Array.fromAsync(
      living.ledger.list('audit', { chainId: vault.vaultId }),
      ({ record }) => record,
    );
    const refused = entries.filter(({ action }) => action === 'certificate.refused');
    expect(refused).toMatchObject([
      {
        reason: 'NOT_CERTIFIABLE',
        result: 'denied',
        details: { missing: expect.stringContaining('no deletion of the primary key') },
      },
    ]);
    expect(await listCertificates(living.services, vault.vaultId)).toEqual([]);
  });

  test('is certified under the id its tombstone names, should it be there after all', async () => {
    const { living, vault, erasure, put } = await undated();
    await certify(living);
    await living.clock.moveDays(1);
    await put(erasure.deletionDates);
    expect(await certify(living)).toBe(1);
    const [issued, ...others] = await listCertificates(living.services, vault.vaultId);
    const tombstone = await findTombstone(living.services, vault.vaultId);
    expect(others).toEqual([]);
    expect(issued?.certificateId).toBe(tombstone?.certificateId);
    expect(issued?.openedAt).toBe(living.clock.now().toISOString());
  });
});
