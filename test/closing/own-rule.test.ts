import { expect, test } from 'vitest';
import { endRetention } from '../../shared/closing/end-retention.ts';
import { planClosing } from '../../shared/closing/plan-closing.ts';
import { showPlan } from '../../shared/erasure/show-plan.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { assignPolicy } from '../../shared/policies/assign-policy.ts';
import { showPolicy } from '../../shared/queries/show-policy.ts';
import { runAgainst } from '../cli/run-fixture.ts';
import { closableVault, closed, EVENT } from '../support/closing-world.ts';
import { FIVE_WEEKS, OPERATOR, vaultNow } from '../support/living-installation.ts';
import { OWN_RULE } from '../support/own-rule.ts';

const POLICY = { ...FIVE_WEEKS, id: 'trusts', rules: [OWN_RULE] };
const EIGHT_YEARS = '2034-11-01T16:00:00.000Z';

async function ownVault() {
  const made = await closableVault('engagement-10y');
  const { services } = made.world;
  await addPolicy(services, OPERATOR, POLICY);
  await assignPolicy(services, OPERATOR, made.vault.vaultId, { policyId: POLICY.id });
  return made;
}

test("a firm's own rule decides how a vault is closed, and until when it is kept", async () => {
  const { world, vault, snapshot } = await ownVault();
  const { vaults } = await planClosing(world.services, vault.clientId, EVENT);
  const allowed = vaults[0]?.options.filter((option) => option.allowed);
  expect(allowed?.map(({ disposition }) => disposition)).toEqual(['retain']);
  await closed(world, snapshot, 'retain');
  const { closing } = await vaultNow(world, vault.vaultId);
  expect(closing?.keepUntil).toBe(EIGHT_YEARS);
  expect(closing?.basis.map(({ article }) => article)).toContain('信托法 33');
  await world.clock.moveTo(new Date(EIGHT_YEARS));
  expect(await endRetention(world.services)).toMatchObject({ due: 1, opened: 1 });
});

test('it decides on a request to erase', async () => {
  const { world, vault } = await ownVault();
  const asked = { contractEnded: true, returned: false, concerns: 'vault' } as const;
  const plan = await showPlan(world.services, vault.vaultId, { ...asked, event: EVENT });
  expect(plan.decision).toMatchObject({ outcome: 'restrict', until: EIGHT_YEARS });
  expect(plan.says.join()).toContain('信托法 33');
});

test('it is shown like a preset, and as what it is', async () => {
  const { world } = await ownVault();
  const answer = await showPolicy(world.services, POLICY.id, { event: EVENT });
  expect(answer.retention).toMatchObject({ lastDayKept: '2034-11-01' });
  const { out } = await runAgainst({ showPolicy: answer }, ['policy', 'show', POLICY.id]);
  expect(out).toMatch(/^rule +own-trust-files-8y, a rule of this policy's own$/m);
  expect(out).toMatch(/^kept +8 years, from the day the contract ends$/m);
  expect(out).toMatch(/^law +信托法 33 \(Trust Law\), grade A$/m);
});
