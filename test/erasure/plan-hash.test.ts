import { expect, test } from 'vitest';
import { citeArticle } from '../../shared/domain/cited-law.ts';
import { type PlanSubject, planHash } from '../../shared/erasure/plan-hash.ts';
import { sampleErasure } from '../support/sample-erasure.ts';

const VAULT = '01K9B0Z0000000000000000001';
const ERASURE = '01K9B0Z0000000000000000002';

const { plan: hashed, statements, decision } = sampleErasure(VAULT, ERASURE);
const { hash: _, ...plan } = hashed;
const subject: PlanSubject = { vaultId: VAULT, erasureId: ERASURE, statements, decision };

test.each<[string, Partial<PlanSubject>, Partial<typeof plan>]>([
  ['vault', { vaultId: ERASURE }, {}],
  ['erasure', { erasureId: null }, {}],
  ['day that starts the clock', { statements: { ...statements, event: '2020-01-01' } }, {}],
  ['end of the contract', { statements: { ...statements, contractEnded: false } }, {}],
  ['return', { statements: { ...statements, returned: true } }, {}],
  ['part that it concerns', { statements: { ...statements, concerns: 'part' } }, {}],
  ['outcome', { decision: { ...decision, outcome: 'restrict' } }, {}],
  ['rule', { decision: { ...decision, rule: 'period-over' } }, {}],
  ['basis', { decision: { ...decision, basis: [citeArticle('LEGAL_CLAIMS')] } }, {}],
  ['end of the restriction', { decision: { ...decision, until: '2030-01-01' } }, {}],
  ['primary key', {}, { keys: { ...plan.keys, primary: 'arn:other' } }],
  ['secondary key', {}, { keys: { ...plan.keys, secondary: 'arn:other' } }],
  ['number of snapshots', {}, { snapshots: plan.snapshots + 1 }],
  ['number of packs', {}, { packs: plan.packs + 1 }],
  ['number of objects', {}, { objects: plan.objects + 1 }],
  ['number of bytes', {}, { bytes: plan.bytes + 1 }],
  ['list of objects', {}, { digest: 'e'.repeat(64) }],
  ['grace', {}, { graceDays: plan.graceDays + 1 }],
  ['waiting period', {}, { windowDays: plan.windowDays + 1 }],
  ['person who closed the vault', {}, { initiatedBy: [{ act: 'closed', by: 'arn:a', at: '' }] }],
  ['number of approvals', {}, { approvals: plan.approvals + 1 }],
])('a plan with another %s is another plan', (_what, ofSubject, ofPlan) => {
  const other = planHash({ ...subject, ...ofSubject }, { ...plan, ...ofPlan });
  expect(other).not.toBe(planHash(subject, plan));
});

test('a plan whose locks were renewed is the same plan', () => {
  const renewed = { ...plan, ciphertextUntil: '2031-01-01T00:00:00.000Z' };
  expect(planHash(subject, renewed)).toBe(planHash(subject, plan));
});
