import { describe, expect, test } from 'vitest';
import { confirmHandover } from '../../shared/closing/confirm-handover.ts';
import { endRetention } from '../../shared/closing/end-retention.ts';
import type { Erasure } from '../../shared/domain/erasure-records.ts';
import { cancelErasure } from '../../shared/erasure/cancel-erasure.ts';
import { requestErasure } from '../../shared/erasure/request-erasure.ts';
import { showPlan } from '../../shared/erasure/show-plan.ts';
import { assignPolicy } from '../../shared/policies/assign-policy.ts';
import { requestRestore } from '../../shared/restore/request-restore.ts';
import { closableVault, closed } from '../support/closing-world.ts';
import { approve, LONG_OVER } from '../support/erasing.ts';
import { OPERATOR, SUPERVISOR, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

/** What is stated of an open request is that of the request. */
const STATED = {
  event: null,
  contractEnded: true,
  returned: true,
  concerns: 'vault',
} as const;

const DIRECTOR = 'arn:aws:iam::111122223333:user/director';

async function erasureOf(world: MemoryServices, vaultId: string): Promise<Erasure> {
  const { erasureId } = await vaultNow(world, vaultId);
  const stored = await world.ledger.get('erasure', vaultId, erasureId ?? '');
  if (stored === undefined) throw new Error('nobody asked for an erasure');
  return stored.record;
}

/** A vault that the operator has closed to be retained, and whose period is over. */
async function retained() {
  const { world, vault, snapshot } = await closableVault('engagement-10y');
  await closed(world, snapshot, 'retain');
  await world.clock.moveTo(new Date('2036-11-01T16:00:00Z'));
  await endRetention(world.services);
  return { world, vault };
}

/** A vault that the operator has closed to be handed over, and that somebody has restored. */
async function restored(restorer = OPERATOR) {
  const { world, vault, snapshot } = await closableVault('accounting-30y');
  await closed(world, snapshot, 'hand-over');
  const target = { kind: 'folder' } as const;
  const body = { target, patterns: [], from: 'any' as const, overwrite: false };
  const { restore } = await requestRestore(world.services, restorer, vault.vaultId, body);
  const confirm = (actor: string) =>
    confirmHandover(world.services, actor, vault.vaultId, {
      restoreId: restore.restoreId,
      recipient: 'the director',
      mode: 'return',
    });
  return { world, vault, confirm };
}

describe('the erasure of a retained vault, which a function asks for', () => {
  test('is not approved by who closed it, and by anybody else', async () => {
    const { world, vault } = await retained();
    const erasure = await erasureOf(world, vault.vaultId);
    expect(erasure.plan.initiatedBy).toMatchObject([{ act: 'closed', by: OPERATOR }]);
    await expect(approve(world, erasure, OPERATOR)).rejects.toMatchObject({ code: 'OWN_REQUEST' });
    expect(await approve(world, erasure, SUPERVISOR)).toMatchObject({ state: 'SUSPENDED' });
  });

  test('is approved by who closed it, once somebody else has asked for it', async () => {
    const { world, vault } = await retained();
    const first = await erasureOf(world, vault.vaultId);
    await cancelErasure(world.services, OPERATOR, vault.vaultId, first);
    const second = await requestErasure(world.services, DIRECTOR, vault.vaultId, LONG_OVER);
    await expect(approve(world, second, DIRECTOR)).rejects.toMatchObject({ code: 'OWN_REQUEST' });
    expect(await approve(world, second, OPERATOR)).toMatchObject({ state: 'SUSPENDED' });
  });

  test('names in its plan who has closed it', async () => {
    const { world, vault } = await retained();
    const { says } = await showPlan(world.services, vault.vaultId, STATED);
    expect(says.join('\n')).toContain(`${OPERATOR} closed the vault on 2026-11-02`);
  });
});

describe('another policy that ends a duty to keep a vault', () => {
  async function reassigned(actor: string, policyId = 'consent-only') {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    await assignPolicy(world.services, actor, vault.vaultId, { policyId });
    await endRetention(world.services);
    return { world, vault, erasure: await erasureOf(world, vault.vaultId) };
  }

  test('is told to the approver: who, from which to which, what the law asked', async () => {
    const { world, vault, erasure } = await reassigned(DIRECTOR);
    expect(erasure.plan.initiatedBy).toMatchObject([
      { act: 'closed', by: OPERATOR },
      {
        act: 'policy-assigned',
        by: DIRECTOR,
        replaced: {
          from: { policyId: 'engagement-10y', policyVersion: 1 },
          to: { policyId: 'consent-only', policyVersion: 1 },
          rule: 'statutory-period',
          until: '2036-11-01T16:00:00.000Z',
        },
      },
    ]);
    const { says } = await showPlan(world.services, vault.vaultId, STATED);
    const said = says.join('\n');
    expect(said).toContain('until 2026-11-02 it had policy engagement-10y 1');
    expect(said).toContain('Its end was 2036-11-01');
    expect(said).toContain(`${DIRECTOR} then assigned it consent-only 1`);
  });

  test('and the closing by the same person let nobody but another approve', async () => {
    const { world, erasure } = await reassigned(OPERATOR);
    await expect(approve(world, erasure, OPERATOR)).rejects.toMatchObject({ code: 'OWN_REQUEST' });
    expect(await approve(world, erasure, SUPERVISOR)).toMatchObject({
      approvals: [{ by: SUPERVISOR }],
    });
  });

  test('of a vault that takes backups is told as well', async () => {
    const { world, vault } = await closableVault('engagement-10y');
    const { vaultId } = vault;
    await assignPolicy(world.services, OPERATOR, vaultId, { policyId: 'consent-only' });
    const { plan } = await showPlan(world.services, vaultId, STATED);
    expect(plan.initiatedBy).toMatchObject([{ by: OPERATOR, replaced: { rule: 'start-unknown' } }]);
  });

  test('is not told once the duty would be over, or was taken up again', async () => {
    const { world, vault } = await closableVault('engagement-10y');
    const { vaultId } = vault;
    const assign = (policyId: string) =>
      assignPolicy(world.services, OPERATOR, vaultId, { policyId });
    await assign('consent-only');
    const over = await showPlan(world.services, vaultId, { ...STATED, event: '2010-06-30' });
    expect(over.plan.initiatedBy).toEqual([]);
    await assign('engagement-10y');
    const running = await showPlan(world.services, vaultId, { ...STATED, event: '2026-11-01' });
    expect(running.plan.initiatedBy).toEqual([]);
    expect(running.plan.hash).not.toBe(over.plan.hash);
  });
});

describe('a handover', () => {
  test.each([
    ['closed the vault', DIRECTOR, OPERATOR],
    ['restored its records', DIRECTOR, DIRECTOR],
  ])('is not confirmed by who %s', async (_what, restorer, confirmer) => {
    const { world, vault, confirm } = await restored(restorer);
    await expect(confirm(confirmer)).rejects.toMatchObject({ code: 'OWN_HANDOVER' });
    expect((await vaultNow(world, vault.vaultId)).state).toBe('CLOSED');
    expect(await confirm(SUPERVISOR)).toMatchObject({ confirmedBy: SUPERVISOR });
  });

  test.each([
    ['who closed it', OPERATOR],
    ['who confirmed it', SUPERVISOR],
    ['a third person', DIRECTOR],
  ])('of two people lets %s approve the erasure of what remains', async (_what, approver) => {
    const { world, vault, confirm } = await restored();
    await confirm(SUPERVISOR);
    const erasure = await erasureOf(world, vault.vaultId);
    expect(erasure.plan.initiatedBy).toMatchObject([
      { act: 'closed', by: OPERATOR },
      { act: 'handed-over', by: SUPERVISOR },
    ]);
    expect(await approve(world, erasure, approver)).toMatchObject({ state: 'SUSPENDED' });
  });
});
