import { beforeAll, describe, expect, test } from 'vitest';
import { listCertificates } from '../../shared/certificate/find-certificate.ts';
import { renderPage } from '../../shared/certificate/page/render-page.ts';
import { verifyCertificate } from '../../shared/certificate/verify-certificate.ts';
import { listHandover } from '../../shared/closing/list-handover.ts';
import { planClosing } from '../../shared/closing/plan-closing.ts';
import { type Policy, readPolicy } from '../../shared/domain/policy.ts';
import { showPlan } from '../../shared/erasure/show-plan.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import {
  explainRules,
  showPolicies,
  showPolicy,
  showPreset,
} from '../../shared/queries/show-policy.ts';
import { certifiedVault } from '../support/certified-erasure.ts';
import { closableVault, closed, EVENT } from '../support/closing-world.ts';
import { approved, LONG_OVER } from '../support/erasing.ts';
import {
  FIVE_WEEKS,
  livingInstallation,
  OPERATOR,
  registeredVault,
} from '../support/living-installation.ts';
import { runAgainst } from './run-fixture.ts';
import { client, erasureStatus, vault } from './sample-answers.ts';

/** A policy whose only law nobody of Holdfast has read (grade C): tax papers of 3 years. */
const DOCUMENT = {
  ...{ ...FIVE_WEEKS, id: 'tax-papers', rules: ['us-irs-3y'] },
  erasure: { ...FIVE_WEEKS.erasure, graceDays: 0 },
};
const POLICY: Policy = readPolicy(DOCUMENT);
const RUNNING = { ...LONG_OVER, event: '2026-06-30' };

/** What each place shows, by its name. */
const shown = new Map<string, string>();

async function ran(answers: object, ...args: string[]): Promise<string> {
  const { out, err } = await runAgainst({ ...answers }, args);
  return out + err;
}

async function showPolicyPlaces(): Promise<void> {
  const { services } = await withPolicy();
  const answer = await showPolicy(services, POLICY.id, { event: '2025-03-10' });
  const consent = await showPolicy(services, 'consent-only', {});
  const { vaultId, clientId } = vault();
  const rules = explainRules(POLICY);
  const preset = showPreset('us-irs-3y');
  const size = ['--records', '10', '--bytes', '1000'];
  const assign = ['policy', 'assign', POLICY.id, '--vault', vaultId, '--dry-run'];
  const approve = ['policy', 'approve', POLICY.id, '--policy-version', '1'];
  const assigned = { listPolicies: { policies: [] }, showVault: vault() };
  const closing = { ...CLOSING, basis: explainedBasis() };
  const closedVault = { ...vault(), state: 'CLOSED', holds: 0, closing };
  const details = { ...client(), vaults: [closedVault], holds: [] };
  const places: Record<string, Promise<string>> = {
    'preset list': ran({ listPresets: { presets: [preset] } }, 'preset', 'list'),
    'preset show': ran({ showPreset: preset }, 'preset', 'show', 'us-irs-3y'),
    'policy list': ran({ listPolicies: await showPolicies(services) }, 'policy', 'list'),
    'policy show': ran({ showPolicy: answer }, 'policy', 'show', POLICY.id),
    'policy diff': ran({ showPolicy: [answer, consent] }, 'policy', 'diff', POLICY.id),
    'policy assign': ran({ ...assigned, showPolicy: [answer, consent] }, ...assign),
    'policy approve': ran({ showPolicy: answer }, ...approve),
    'vault show': ran({ showVault: { ...vault(), rules } }, 'vault', 'show', vaultId),
    'client show': ran({ showClient: details }, 'client', 'show', clientId),
    'vault estimate': ran(
      { showPolicy: answer, listPolicies: { policies: [] } },
      ...['vault', 'estimate', '--policy', 'x', ...size],
    ),
  };
  for (const [name, text] of Object.entries(places)) {
    shown.set(name, await text);
  }
}

const CLOSING = {
  ...{ closedAt: '2026-11-02T08:00:00Z', closedBy: OPERATOR, disposition: 'retain' },
  ...{ event: EVENT, keepUntil: '2029-11-01T16:00:00Z', finalSnapshotId: '' },
};

const explainedBasis = () => POLICY.statute?.duties.flatMap(({ basis }) => basis);

async function withPolicy() {
  const living = livingInstallation();
  await addPolicy(living.services, OPERATOR, DOCUMENT);
  return living;
}

async function showErasingPlaces(): Promise<void> {
  const living = await withPolicy();
  const { vaultId } = await registeredVault(living, { policyId: POLICY.id });
  const { reason: _, ...statements } = RUNNING;
  const plan = await showPlan(living.services, vaultId, { ...statements, event: RUNNING.event });
  shown.set('erase plan', await ran({ planErasure: plan }, 'erase', 'plan', '--vault', vaultId));
  const { decision } = await approved(living, { vaultId }, RUNNING);
  const status = { showErasure: erasureStatus({ decision }) };
  shown.set('erase status', await ran(status, 'erase', 'status', '--vault', vaultId));
}

async function showCertificatePlaces(): Promise<void> {
  const living = await withPolicy();
  const { vault: erased } = await certifiedVault(living, { policyId: POLICY.id });
  const [record] = await listCertificates(living.services, erased.vaultId);
  const jws = record?.signed?.jws ?? '';
  const verified = await verifyCertificate(jws, await living.signing.publicKey());
  const { legal } = verified.certificate;
  shown.set('certificate', JSON.stringify(legal).replaceAll('"unconfirmed":false', ''));
  shown.set('English page', renderPage(verified, 'en'));
  shown.set('Chinese page', renderPage(verified, 'zh'));
}

async function showClosingPlaces(): Promise<void> {
  const living = await withPolicy();
  const { clientId, vaultId } = await registeredVault(living, { policyId: POLICY.id });
  const plan = await planClosing(living.services, clientId, EVENT);
  const close = ['client', 'close', clientId, '--event-date', EVENT];
  const erase = ['--disposition', `${vaultId}=erase`];
  shown.set('client close --dry-run', await ran({ planClosing: plan }, ...close, '--dry-run'));
  shown.set('refusal of client close', await ran({ planClosing: plan }, ...close, ...erase));
  const { world, vault: books, snapshot } = await closableVault('accounting-30y');
  await closed(world, snapshot, 'hand-over');
  const list = await listHandover(world.services, books.vaultId);
  shown.set('handover list', await ran({ listHandover: list }, 'hand-over', 'show', books.vaultId));
}

beforeAll(async () => {
  await showPolicyPlaces();
  await showErasingPlaces();
  await showCertificatePlaces();
  await showClosingPlaces();
});

describe('a law that is unconfirmed says so', () => {
  test.each([
    ['preset list'],
    ['preset show'],
    ['policy list'],
    ['policy show'],
    ['policy diff'],
    ['policy assign'],
    ['policy approve'],
    ['vault show'],
    ['vault estimate'],
    ['client show'],
    ['erase plan'],
    ['erase status'],
    ['client close --dry-run'],
    ['refusal of client close'],
    ['handover list'],
    ['certificate'],
    ['English page'],
    ['Chinese page'],
  ])('in: %s', (name) => {
    const text = shown.get(name) ?? '';
    expect(text).toMatch(name === 'Chinese page' ? /未经核实/ : /unconfirmed/);
  });

  test.each([
    ['vault show', 'IRS guidance'],
    ['erase plan', 'IRS guidance'],
    ['erase status', 'IRS guidance'],
    ['client close --dry-run', 'IRS guidance'],
    ['refusal of client close', 'IRS guidance'],
    ['handover list', '会计档案管理办法 附表'],
    ['English page', 'IRS guidance'],
    ['English page', '3 years'],
  ])('beside each mention of it in: %s, %s', (name, what) => {
    const lines = (shown.get(name) ?? '').split('\n').filter((line) => line.includes(what));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !line.includes('unconfirmed'))).toEqual([]);
  });
});
