import { describe, expect, test } from 'vitest';
import { buildCertificate, type Issue } from '../../shared/certificate/build-certificate.ts';
import { gatherFacts } from '../../shared/certificate/certificate-facts.ts';
import { pseudonymOf } from '../../shared/certificate/pseudonym.ts';
import { requireCertifiable } from '../../shared/certificate/require-certifiable.ts';
import { inBoth } from '../../shared/domain/copy-name.ts';
import { findBuiltIn } from '../../shared/domain/policy.ts';
import { erasedVault, TOOL_VERSION } from '../support/certified-erasure.ts';
import {
  livingInstallation,
  OPERATOR,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';

/** What a certificate of a vault is built from, before it is. */
async function certifiable(policyId = 'consent-only') {
  const policy = findBuiltIn(policyId);
  if (policy === undefined) throw new Error(`no policy ${policyId}`);
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
      refusedFor: null,
      signed: null,
      issuedAt: null,
    },
    first: null,
    installation: services.installation,
    toolVersion: TOOL_VERSION,
    signedAt: services.clock.now().toISOString(),
  };
  return { facts: { ...requireCertifiable(gathered), policy }, issue };
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

describe('the statutory period', () => {
  const closing = {
    closedAt: '2026-11-01T08:00:00.000Z',
    closedBy: SUPERVISOR,
    disposition: 'retain' as const,
    event: '2012-02-29',
    keepUntil: null,
    finalSnapshotId: '01KDZZZZZZ0000000000000002',
    basis: [],
  };

  test('counts from the day that the requester stated', async () => {
    const { facts, issue } = await certifiable('engagement-10y');
    const { legal, subject } = buildCertificate(facts, issue);
    expect(legal.clock).toEqual({
      event: '2010-06-30',
      statedBy: pseudonymOf(OPERATOR),
      startsOn: '2010-07-01',
      endsAt: '2020-06-30T16:00:00.000Z',
    });
    expect(subject.policy.timeZone).toBe('Asia/Shanghai');
  });

  test('counts from the later day of the closing, and names who closed', async () => {
    const { facts, issue } = await certifiable('engagement-10y');
    const vault = { ...facts.vault, closing };
    expect(buildCertificate({ ...facts, vault }, issue).legal.clock).toEqual({
      event: '2012-02-29',
      statedBy: pseudonymOf(SUPERVISOR),
      startsOn: '2012-03-01',
      endsAt: '2022-02-28T16:00:00.000Z',
    });
  });

  test('of a record that a fiscal year starts counts from the day after that year', async () => {
    const { facts, issue } = await certifiable('accounting-30y');
    expect(buildCertificate(facts, issue).legal.clock).toMatchObject({
      event: '2010-06-30',
      startsOn: '2011-01-01',
      endsAt: '2040-12-31T16:00:00.000Z',
    });
  });

  test.each([
    ['where no law asks for one', 'consent-only', {}],
    ['where nobody stated the day', 'engagement-10y', { event: null }],
  ])('is not there %s', async (_case, policyId, stated) => {
    const { facts, issue } = await certifiable(policyId);
    const statements = { ...facts.erasure.statements, ...stated };
    const erasure = { ...facts.erasure, statements };
    expect(buildCertificate({ ...facts, erasure }, issue).legal.clock).toBeNull();
  });
});
