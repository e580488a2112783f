import { requestErasureBody } from '../../../shared/admin-api/messages.ts';
import { requestBackup } from '../../../shared/backup/request-backup.ts';
import { runBackup } from '../../../shared/backup/run-backup.ts';
import { addDays, formatLocalDate } from '../../../shared/domain/local-date.ts';
import { approveErasure } from '../../../shared/erasure/approve-erasure.ts';
import { cancelErasure } from '../../../shared/erasure/cancel-erasure.ts';
import { requestErasure, statementsOf } from '../../../shared/erasure/request-erasure.ts';
import { showPlan } from '../../../shared/erasure/show-plan.ts';
import { approveClientRelease } from '../../../shared/holds/approve-release.ts';
import { placeClientHold, placeHold } from '../../../shared/holds/place-hold.ts';
import { requestClientRelease } from '../../../shared/holds/request-release.ts';
import { requestRestore } from '../../../shared/restore/request-restore.ts';
import { LAWSUIT, release } from '../../support/holding-world.ts';
import { OPERATOR, SUPERVISOR, vaultNow } from '../../support/living-installation.ts';
import { approveIn, type Model, planNow, settle } from './model.ts';
import { type Command, latestErasure } from './model-command.ts';

/** Ten years before the first day. */
const TEN_YEARS_AGO = { year: 2016, month: 11, day: 2 };

const nameOf = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);

/** Between the end of the keys and its confirmation nobody here asks for what is too late. */
const isNotBetween = ({ isGone, isErased }: Model) => !isGone || isErased;

/** @param inDays - the law still asks to keep it for so many days from the beginning. */
export const request = (by: string, inDays: number): Command => ({
  text: `request(${nameOf(by)}, lawful on day ${inDays})`,
  expected: (model) => {
    if (model.isErased) return 'VAULT_UNREADABLE';
    if (model.erasure !== null) return 'ERASURE_UNDER_WAY';
    if (model.holds > 0) return 'VAULT_HELD';
    const lawfulFrom = inDays;
    model.erasure = {
      ...{ requester: by, seen: planNow(model, { lawfulFrom }), lawfulFrom, graceUntil: 0 },
      ...{ isApproved: false, isRestricted: false, destroyedOn: null },
      ...{ approvedBy: new Set(), cancelledBy: new Set() },
    };
    return 'done';
  },
  act: ({ world, vault }) => {
    // The last day kept ends before the next morning, when the passes run.
    const event = formatLocalDate(addDays(TEN_YEARS_AGO, inDays - 1));
    const body = requestErasureBody.parse({ reason: 'R', event });
    return requestErasure(world.services, by, vault.vaultId, body);
  },
});

export const approve = (by: string, looksAgain: boolean): Command => ({
  text: `approve(${nameOf(by)}, ${looksAgain ? 'what is' : 'what was requested'})`,
  expected: (model) => {
    const { erasure } = model;
    if (erasure === null || model.isErased) return 'ERASURE_UNKNOWN';
    if (erasure.isApproved) return 'ERASURE_APPROVED';
    if (erasure.requester === by) return 'OWN_REQUEST';
    if (model.holds > 0) return 'VAULT_HELD';
    const now = planNow(model, erasure);
    const { snapshots, isRestricted } = erasure.seen;
    const isSame = snapshots === now.snapshots && isRestricted === now.isRestricted;
    if (!looksAgain && !isSame) return 'PLAN_STALE';
    if (!isSame) erasure.approvedBy = new Set();
    if (erasure.approvedBy.has(by)) return 'ALREADY_APPROVED';
    approveIn(model, erasure, by);
    return 'done';
  },
  act: async (real) => {
    const { services } = real.world;
    const { vaultId } = real.vault;
    const { erasureId, plan } = await latestErasure(real);
    const stated = statementsOf(requestErasureBody.parse({ reason: 'R' }));
    const again = () => showPlan(services, vaultId, stated).catch(() => ({ plan }));
    const planHash = (looksAgain ? await again() : { plan }).plan.hash;
    return approveErasure(services, by, vaultId, { erasureId, planHash });
  },
});

export const cancel = (by: string): Command => ({
  text: `cancel(${nameOf(by)})`,
  isPossible: isNotBetween,
  expected: (model) => {
    const { erasure } = model;
    if (erasure === null || model.isErased) return 'ERASURE_UNKNOWN';
    if (erasure.cancelledBy.has(by)) return 'ALREADY_CANCELLED_BY';
    erasure.cancelledBy.add(by);
    const needed = erasure.isApproved ? model.approvals + 1 : 1;
    if (erasure.cancelledBy.size >= needed) {
      model.erasure = null;
      model.milestones.add('CANCELLED');
    }
    return 'done';
  },
  act: async (real) =>
    cancelErasure(real.world.services, by, real.vault.vaultId, await latestErasure(real)),
});

export const hold = (kind: 'client' | 'vault' | 'snapshot'): Command => ({
  text: `hold(${kind})`,
  isPossible: (model) =>
    isNotBetween(model) &&
    (kind !== 'snapshot' || model.snapshots > 0) &&
    (kind !== 'client' || !model.isErased),
  expected: (model) => {
    if (model.isErased) return 'VAULT_UNREADABLE';
    model.holds += 1;
    settle(model);
    return 'done';
  },
  act: async ({ world, vault, holds }) => {
    const { services } = world;
    const { vaultId, clientId } = vault;
    const snapshotId = (await vaultNow(world, vaultId)).lastSnapshotId ?? '';
    const isClientHold = kind === 'client';
    const body = kind === 'snapshot' ? { ...LAWSUIT, snapshotId } : LAWSUIT;
    const { holdId } = isClientHold
      ? await placeClientHold(services, OPERATOR, clientId, LAWSUIT)
      : await placeHold(services, OPERATOR, vaultId, body);
    holds.push({ holdId, isClientHold });
  },
});

/** The oldest hold: one person asks, another approves. */
export const releaseOldest: Command = {
  text: 'release',
  isPossible: isNotBetween,
  expected: (model) => {
    model.holds = Math.max(0, model.holds - 1);
    settle(model);
    return 'done';
  },
  act: async ({ world, vault, holds }) => {
    const { vaultId, clientId } = vault;
    const { holdId, isClientHold } = holds.shift() ?? { holdId: null, isClientHold: false };
    if (holdId !== null && isClientHold) {
      const body = { reason: 'case closed' };
      await requestClientRelease(world.services, OPERATOR, { clientId, holdId }, body);
      await approveClientRelease(world.services, SUPERVISOR, { clientId, holdId });
    } else if (holdId !== null) {
      await release(world, { vaultId, holdId });
    }
  },
};

/** Whether one is made with a key that somebody has switched unseen depends on which key it is. */
export const backup: Command = {
  text: 'backup',
  isPossible: ({ isMeddled }) => !isMeddled,
  expected: (model) => {
    if (model.isErased || model.erasure?.isApproved) return 'VAULT_NOT_ACTIVE';
    model.snapshots += 1;
    return 'done';
  },
  act: async ({ world, vault }) =>
    runBackup(world.services, await requestBackup(world.services, OPERATOR, vault.vaultId)),
};

export const restore: Command = {
  text: 'restore',
  expected: (model) => {
    if (model.isErased || model.erasure?.isApproved) return 'VAULT_UNREADABLE';
    return model.snapshots === 0 ? 'NO_SNAPSHOT' : 'done';
  },
  act: ({ world, vault }) => {
    const target = { kind: 'folder' as const };
    const body = { patterns: [], from: 'any' as const, target, overwrite: false };
    return requestRestore(world.services, OPERATOR, vault.vaultId, body);
  },
};
