import { beforeAll, describe, expect, test } from 'vitest';
import { writeCheckpoint } from '../../shared/audit/write-checkpoint.ts';
import { certifyDueErasures } from '../../shared/certificate/certify-erasure.ts';
import { renderPage } from '../../shared/certificate/page/render-page.ts';
import { pseudonymOf } from '../../shared/certificate/pseudonym.ts';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { approveErasure } from '../../shared/erasure/approve-erasure.ts';
import { confirmDueErasures } from '../../shared/erasure/confirm-erasure.ts';
import { requestErasure } from '../../shared/erasure/request-erasure.ts';
import { certificateKey, tombstoneKey } from '../../shared/format/object-keys.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { registerClient } from '../../shared/registry/register-client.ts';
import { registerVault } from '../../shared/registry/register-vault.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { TOOL_VERSION } from '../support/certified-erasure.ts';
import { LONG_OVER } from '../support/erasing.ts';
import { livingInstallation, OPERATOR } from '../support/living-installation.ts';

/** Everything personal that goes into the installation; none of it may come out in a proof. */
const PERSONAL = [
  '莲花贸易有限公司',
  'Lotus Trading',
  'C-1042-莲花',
  'lotus-c-1042',
  '工资表',
  'payroll 2025.xlsx',
  '因劳动争议',
  'because Ms Zhang asked',
  '(2026)沪01民初1号',
];

/** The same of what the ledger may hold and a certificate may not: names that people chose. */
const CHOSEN = ['zhang-san-divorce-file', 'zhang.san@example.com', 'li.si@example.com'];

const ASKING = 'arn:aws:sts::111122223333:assumed-role/Admin/zhang.san@example.com';
const APPROVING = 'arn:aws:iam::111122223333:user/li.si@example.com';

let proofs: Map<string, string>;

beforeAll(async () => {
  const living = livingInstallation();
  const { services } = living;
  const client = await registerClient(services, OPERATOR, {
    name: '莲花贸易有限公司 Lotus Trading',
    reference: 'C-1042-莲花',
  });
  const vault = await registerVault(services, OPERATOR, client.clientId, {
    recordClass: 'zhang-san-divorce-file',
    policyId: 'consent-only',
    source: { kind: 's3', bucket: 'lotus-c-1042', prefix: '莲花/C-1042-莲花/' },
  });
  const { vaultId } = vault;
  sourceOf(living, vault).put('工资表/payroll 2025.xlsx', Buffer.from('x'));
  await backUp(living, vault);
  const asked = { ...LONG_OVER, reason: 'because Ms Zhang asked 因劳动争议' };
  const erasure = await requestErasure(services, ASKING, vaultId, asked);
  const approval = { erasureId: erasure.erasureId, planHash: erasure.plan.hash };
  await approveErasure(services, APPROVING, vaultId, approval);
  await advanceDueErasures(services);
  await living.clock.moveDays(8);
  await confirmDueErasures(services);
  await certifyDueErasures(services, TOOL_VERSION);
  await placeHold(services, OPERATOR, vaultId, {
    reason: '因劳动争议',
    reference: '(2026)沪01民初1号',
  }).catch(() => undefined);
  await writeCheckpoint(services);
  proofs = new Map();
  const read = async (key: string) => {
    const [listed] = await Array.fromAsync(living.copies.primary.list(key));
    const body = await living.copies.primary.read(listed?.key ?? '', listed?.versionId ?? '');
    return Buffer.concat((await Array.fromAsync(body)) as Buffer[]).toString('utf8');
  };
  const ended = await living.ledger.get('erasure', vaultId, erasure.erasureId);
  const jws = await read(certificateKey(ended?.record.certificateId ?? ''));
  const verified = await verifyCertificate(jws, await living.signing.publicKey());
  proofs.set('certificate', JSON.stringify(verified.certificate));
  proofs.set('English page', renderPage(verified, 'en'));
  proofs.set('Chinese page', renderPage(verified, 'zh'));
  proofs.set('tombstone', await read(tombstoneKey(vaultId)));
  proofs.set('checkpoint', await read('checkpoints/'));
  const entries = await Array.fromAsync(living.ledger.list('audit', { chainId: vaultId }));
  proofs.set('audit chain', JSON.stringify(entries.map(({ record }) => record)));
});

// format.md 1.3, 8.4
describe.each([
  'certificate',
  'English page',
  'Chinese page',
  'tombstone',
  'checkpoint',
  'audit chain',
])('the %s of an erased client', (name) => {
  test.each(PERSONAL)('does not hold "%s"', (text) => {
    const proof = proofs.get(name) ?? '';
    expect(proof.length).toBeGreaterThan(100);
    expect(proof).not.toContain(text);
    expect(proof).not.toContain(encodeURIComponent(text));
    expect(proof).not.toContain(Buffer.from(text).toString('base64').replace(/=+$/, ''));
  });
});

// format.md 8.4
describe.each(['certificate', 'English page', 'Chinese page'])('the %s of an erasure', (name) => {
  test.each(CHOSEN)('does not hold "%s"', (text) => {
    expect(proofs.get(name)).not.toContain(text);
  });

  test('names who acted so that the audit chain shows who it was', () => {
    for (const arn of [ASKING, APPROVING]) {
      expect(proofs.get('audit chain')).toContain(arn);
      expect(proofs.get(name)).toContain(pseudonymOf(arn));
    }
  });
});

test('every text of a certificate is an id, a date, a code, a law, or its own sentence', () => {
  const certificate = JSON.parse(proofs.get('certificate') ?? '');
  const { outOfScope, method, legal, ...rest } = certificate;
  const allowed = [
    /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/,
    /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/,
    /^Asia\/Shanghai$/,
    /^[0-9a-f]{64}$/,
    /^arn:aws:[a-z]+:[a-z0-9-]*:\d{12}:\S+$/,
    /^[\w.-]+$/,
  ];
  const strange = textsOf(rest).filter((text) => !allowed.some((pattern) => pattern.test(text)));
  expect(strange).toEqual([]);
  expect(legal.basis.every((basis: string) => /法|办法|准则|条例|GDPR/.test(basis))).toBe(true);
  expect(Object.keys(outOfScope).length).toBeGreaterThan(5);
  expect(method.technique).toBe('cryptographic-erase');
});

function textsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(textsOf) : [];
}
