import { describe, expect, test } from 'vitest';
import { buildCertificate, type Issue } from '../../shared/certificate/build-certificate.ts';
import { gatherFacts } from '../../shared/certificate/certificate-facts.ts';
import { requireCertifiable } from '../../shared/certificate/require-certifiable.ts';
import { inBoth } from '../../shared/domain/copy-name.ts';
import { erasedVault, TOOL_VERSION } from '../support/certified-erasure.ts';
import { livingInstallation, vaultNow } from '../support/living-installation.ts';

/** What a certificate of a vault is built from, before it is. */
async function certifiable() {
  const living = livingInstallation();
  const { services } = living;
  const { vault, erasure } = await erasedVault(living);
  const erased = await vaultNow(living, vault.vaultId);
  const gathered = await gatherFacts(services, 'keys-destroyed', erased, erasure);
  const { vaultId, erasureId } = erasure;
  const issue: Issue = {
    record: {
      kind: 'certificate',
      ...{ vaultId, erasureId, certificateId: services.ids.next(), statement: 'keys-destroyed' },
      openedAt: services.clock.now().toISOString(),
      audit: { entries: 1, head: 'ab'.repeat(32) },
      signed: null,
      issuedAt: null,
    },
    first: null,
    installation: services.installation,
    toolVersion: TOOL_VERSION,
  };
  return { facts: requireCertifiable(gathered), issue };
}

describe('the algorithm that data keys were wrapped with', () => {
  const kms = (partition: string) =>
    `arn:${partition}:kms:cn-north-1:111122223333:key/11111111-2222-4333-8444-555555555555`;
  const branch = (partition: string) =>
    `arn:${partition}:dynamodb:cn-north-1:111122223333:table/keys/key-1`;

  test.each([
    ['of a KMS key', kms('aws'), 'AES-256-GCM'],
    ['of a KMS key in China', kms('aws-cn'), 'SM4'],
    ['of a branch key', branch('aws'), 'AES-256-GCM'],
    ['of a branch key in China, where the SDK wraps', branch('aws-cn'), 'AES-256-GCM'],
  ])('%s', async (_case, key, algorithm) => {
    const { facts, issue } = await certifiable();
    const vault = { ...facts.vault, keys: inBoth(() => key) };
    expect(buildCertificate({ ...facts, vault }, issue).method.wrapping).toBe(algorithm);
  });
});
