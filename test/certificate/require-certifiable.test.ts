import { beforeAll, describe, expect, test } from 'vitest';
import { type CertificateFacts, gatherFacts } from '../../shared/certificate/certificate-facts.ts';
import { requireCertifiable } from '../../shared/certificate/require-certifiable.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import type { Vault } from '../../shared/domain/records.ts';
import { erasedVault } from '../support/certified-erasure.ts';
import { livingInstallation, OPERATOR, vaultNow } from '../support/living-installation.ts';

let facts: CertificateFacts;

beforeAll(async () => {
  const living = livingInstallation();
  const { vault, erasure } = await erasedVault(living);
  const now = await vaultNow(living, vault.vaultId);
  facts = await gatherFacts(living.services, 'keys-destroyed', now, erasure);
});

const withErasure = (change: (erasure: Erasure) => Partial<Erasure>): CertificateFacts => ({
  ...facts,
  erasure: { ...facts.erasure, ...change(facts.erasure) },
});
const withVault = (change: Partial<Vault>): CertificateFacts => ({
  ...facts,
  vault: { ...facts.vault, ...change },
});

function missingIn(made: CertificateFacts): string {
  try {
    requireCertifiable(made);
    return '';
  } catch (error) {
    return (error as { data: { missing: string } }).data.missing;
  }
}

test('an erasure that completed and was verified in both Regions is certified', () => {
  expect(requireCertifiable(facts)).toBe(facts);
});

describe('nothing is signed', () => {
  test.each<[string, () => CertificateFacts, string]>([
    ['while the vault is not ERASED', () => withVault({ state: 'ERASE_PENDING' }), 'ERASE_PENDING'],
    ['on the schedule alone', () => withErasure(() => ({ state: 'SCHEDULED' })), 'SCHEDULED'],
    ['before the decrypts', () => withErasure(() => ({ state: 'DESTROYED' })), 'DESTROYED'],
    [
      'about another erasure than the vault names',
      () => withVault({ erasureId: '01KDZZZZZZ0000000000000002' }),
      'not that of the vault',
    ],
    ['without a suspension', () => withErasure(() => ({ suspendedAt: null })), 'never disabled'],
    ['without a grace', () => withErasure(() => ({ graceUntil: null })), 'never disabled'],
    ['without a schedule', () => withErasure(() => ({ deletionDates: null })), 'scheduled'],
    ['without an end', () => withErasure(() => ({ endedAt: null })), 'no end'],
    ['without a list', () => withErasure(() => ({ inventory: null })), 'was not listed'],
    ['with a broken chain', () => ({ ...facts, chainBrokenAt: 3 }), 'broken at entry 3'],
    [
      'about other keys than the plan named',
      () => withVault({ keys: { ...facts.vault.keys, secondary: facts.vault.keys.primary } }),
      'another secondary key',
    ],
    ['without any approval', () => withErasure(() => ({ approvals: [] })), 'approval is missing'],
    [
      'with fewer approvals than the plan asks for',
      () => withErasure(({ plan }) => ({ plan: { ...plan, approvals: 2 } })),
      'approval is missing',
    ],
    [
      'when one person approved twice',
      () =>
        withErasure(({ plan, approvals }) => ({
          plan: { ...plan, approvals: 2 },
          approvals: [...approvals, ...approvals],
        })),
      'approval is missing',
    ],
    [
      'when who asked approved',
      () =>
        withErasure(({ approvals }) => ({
          approvals: approvals.map((one) => ({ ...one, by: OPERATOR })),
        })),
      'who requested it',
    ],
    [
      'when who alone brought it about approved, and a function asked',
      () =>
        withErasure(({ plan, approvals }) => ({
          requestedBy: 'holdfast:end-retention',
          plan: {
            ...plan,
            initiatedBy: approvals.map(({ by, at }) => ({ act: 'closed', by, at })),
          },
        })),
      'who alone brought it about',
    ],
    [
      'when another plan was approved',
      () => withErasure(({ plan }) => ({ plan: { ...plan, hash: '00'.repeat(32) } })),
      'another plan',
    ],
    ['a second time', () => withErasure(() => ({ certificateId: 'x' })), 'certified already'],
  ])('%s', (_case, made, says) => {
    expect(missingIn(made())).toContain(says);
  });

  describe.each(COPY_NAMES)('when in the %s Region', (copy) => {
    const evidence = (change: object | null) =>
      withErasure((erasure) => ({
        evidence: {
          ...erasure.evidence,
          [copy]: change && { ...erasure.evidence[copy], ...change },
        },
      }));
    const probe = (change: object | null) =>
      withErasure((erasure) => ({
        probes: { ...erasure.probes, [copy]: change && { ...erasure.probes[copy], ...change } },
      }));

    test.each<[string, () => CertificateFacts, string]>([
      ['nothing shows the destruction', () => evidence(null), 'nothing shows'],
      ['the evidence is of another key', () => evidence({ region: 'us-east-1' }), 'another Region'],
      [
        'the key was gone before anybody approved',
        () => evidence({ eventTime: '2020-01-01T00:00:00.000Z' }),
        'before the approval',
      ],
      [
        'its absence was looked for too early',
        () => evidence({ kind: 'absence', observedAt: facts.erasure.approvedAt }),
        'before it was due',
      ],
      [
        'the key was gone before its date',
        () => evidence({ eventTime: '2026-11-09T07:59:59Z' }),
        'before the date of its deletion',
      ],
      ['no decrypt was tried', () => probe(null), 'no decrypt was tried'],
      ['a decrypt succeeded', () => probe({ outcome: 'opened', answer: null }), 'succeeded'],
      ['the key is only disabled', () => probe({ answer: 'DisabledException' }), 'not gone'],
      ['the key only waits', () => probe({ answer: 'KMSInvalidStateException' }), 'not gone'],
      ['the caller was denied', () => probe({ answer: 'AccessDeniedException' }), 'not gone'],
      [
        'the decrypt was tried too early',
        () => probe({ at: '2026-11-03T00:00:00.000Z' }),
        'before the key was destroyed',
      ],
    ])('%s', (_case, made, says) => {
      expect(missingIn(made())).toContain(says);
    });
  });

  test.each<[string, () => Partial<CertificateFacts>, string]>([
    ['before the first certificate', () => ({}), 'first certificate is missing'],
    ['before the sweep says so', () => ({}), 'ciphertext is not removed'],
    [
      'while S3 has more',
      () => ({ leftovers: { primary: 0, secondary: 2 } }),
      '2 objects are left',
    ],
  ])('about the removal %s', (_case, change, says) => {
    expect(missingIn({ ...facts, statement: 'ciphertext-removed', ...change() })).toContain(says);
  });

  test('while the secondary copy alone has objects under another key', () => {
    const otherKeys = { primary: [], secondary: ['arn:aws:kms:eu-west-1:111122223333:key/other'] };
    expect(missingIn({ ...facts, otherKeys })).toContain('the secondary copy has objects under');
  });

  test('and everything that is missing is named at once', () => {
    const made = withErasure(() => ({
      approvals: [],
      evidence: { primary: null, secondary: null },
      probes: { primary: null, secondary: null },
    }));
    expect(missingIn(made).split('; ').length).toBeGreaterThanOrEqual(5);
  });
});
