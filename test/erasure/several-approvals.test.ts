import { beforeEach, describe, expect, test } from 'vitest';
import type { Vault } from '../../shared/domain/records.ts';
import { showPlan } from '../../shared/erasure/show-plan.ts';
import { addPolicy } from '../../shared/policies/add-policy.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { approve, erasureNow, keyStates, requested } from '../support/erasing.ts';
import {
  FIVE_WEEKS,
  livingInstallation,
  OPERATOR,
  registeredVault,
  SUPERVISOR,
  vaultNow,
} from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const DIRECTOR = 'arn:aws:iam::111122223333:user/director';

let living: MemoryServices;
let vault: Vault;

beforeEach(async () => {
  living = livingInstallation();
  const erasure = { ...FIVE_WEEKS.erasure, approvals: 2 };
  await addPolicy(living.services, OPERATOR, { ...FIVE_WEEKS, id: 'by-two', erasure });
  vault = await registeredVault(living, { policyId: 'by-two' });
  sourceOf(living, vault).put('a', 'one');
  await backUp(living, vault);
});

describe('a policy that asks for two approvals', () => {
  test('gets them from two people, and nothing happens to the keys before the second', async () => {
    const erasure = await requested(living, vault);
    expect((await approve(living, erasure, SUPERVISOR)).state).toBe('REQUESTED');
    expect(await keyStates(living, vault)).toEqual(['Enabled', 'Enabled']);
    expect((await vaultNow(living, vault.vaultId)).state).toBe('ACTIVE');
    const complete = await approve(living, erasure, DIRECTOR);
    expect(complete.state).toBe('SUSPENDED');
    expect(complete.approvals.map(({ by }) => by)).toEqual([SUPERVISOR, DIRECTOR]);
    expect(await keyStates(living, vault)).toEqual(['Disabled', 'Disabled']);
  });

  test('does not count one person twice, however much later', async () => {
    const erasure = await requested(living, vault);
    await approve(living, erasure, SUPERVISOR);
    await living.clock.moveDays(1);
    await expect(approve(living, erasure, SUPERVISOR)).rejects.toMatchObject({
      code: 'ALREADY_APPROVED',
    });
    expect((await erasureNow(living, erasure)).approvals).toHaveLength(1);
  });

  test('does not take the one who requested it for either', async () => {
    const erasure = await requested(living, vault);
    const own = () => expect(approve(living, erasure, OPERATOR)).rejects;
    await own().toMatchObject({ code: 'OWN_REQUEST' });
    await approve(living, erasure, SUPERVISOR);
    await own().toMatchObject({ code: 'OWN_REQUEST' });
    expect((await erasureNow(living, erasure)).state).toBe('REQUESTED');
  });

  test('counts only approvals of the same plan', async () => {
    const first = await requested(living, vault);
    await approve(living, first, SUPERVISOR);
    sourceOf(living, vault).put('b', 'two');
    await backUp(living, vault);
    const { plan } = await showPlan(living.services, vault.vaultId, first.statements);
    expect(plan.hash).not.toBe(first.plan.hash);
    const second = await approve(living, { ...first, plan }, DIRECTOR);
    expect(second).toMatchObject({ state: 'REQUESTED', approvals: [{ by: DIRECTOR }] });
    expect((await approve(living, { ...first, plan }, SUPERVISOR)).state).toBe('SUSPENDED');
  });
});
