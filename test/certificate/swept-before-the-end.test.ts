import { expect, test } from 'vitest';
import { requestErasureBody } from '../../shared/admin-api/messages.ts';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { requireCertificate } from '../../shared/certificate/find-certificate.ts';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { takeInventory } from '../../shared/erasure/take-inventory.ts';
import { renewLocks } from '../../shared/retention/renew-locks.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { approved, erasureNow } from '../support/erasing.ts';
import { livingInstallation, registeredVault } from '../support/living-installation.ts';

/** Ten years before this day the statutory clock of ten years began. */
const RESTRICTED_UNTIL = requestErasureBody.parse({ reason: 'asked', event: '2017-05-31' });

test('a certificate tells what there was at the end, and what was approved before', async () => {
  const living = livingInstallation();
  const { services, clock } = living;
  const vault = await registeredVault(living);
  for (let day = 0; day < 10; day += 1) {
    sourceOf(living, vault).put(`record-${day}`, `content ${day}`);
    await backUp(living, vault);
    await clock.moveDays(1);
  }
  const erasure = await approved(living, vault, RESTRICTED_UNTIL);
  const { plan } = erasure;
  expect(plan).toMatchObject({ snapshots: 10, firstAt: '2026-11-02T08:00:00.000Z' });
  for (let days = 0; days < 250; days += 5) {
    await clock.moveDays(5);
    await renewLocks(services, () => true);
    await sweepCopies(services, () => true);
  }
  await advanceDueErasures(services);
  await clock.moveDays(7);
  const left = await takeInventory(services.ledger, vault.vaultId);
  expect(left.snapshots).toBeLessThan(plan.snapshots);
  expect(await confirmDueErasures(services)).toBe(1);
  await clock.moveDays(120);
  await sweepCopies(services, () => true);
  expect(await certifyDueErasures(services, TOOL_VERSION)).toBe(1);

  const { vaultId } = vault;
  const { certificateId } = await erasureNow(living, erasure);
  const { signed } = await requireCertificate(services, vaultId, certificateId ?? '');
  const publicKey = await services.signing.publicKey();
  const { certificate } = await verifyCertificate(signed?.jws ?? '', publicKey);
  expect(certificate.subject.snapshots).toEqual({
    count: left.snapshots,
    firstAt: left.firstAt,
    lastAt: left.lastAt,
  });
  expect(certificate.destroyed.objects).toEqual({
    count: left.objects,
    bytes: left.bytes,
    sha256: left.digest,
  });
  expect(certificate.erasure.planned).toEqual({
    snapshots: { count: 10, firstAt: plan.firstAt, lastAt: plan.lastAt },
    objects: { count: plan.objects, bytes: plan.bytes, sha256: plan.digest },
  });
});
