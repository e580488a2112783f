import { METRICS } from '../config/metric-names.ts';
import { COPY_NAMES, type CopyName, inBothCopies } from '../domain/copy-name.ts';
import { hoursOverdue } from '../domain/erasure-deadline.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { type KeyTarget, keyTarget } from '../domain/key-target.ts';
import type { Vault } from '../domain/records.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { type DuePass, passOverDue, requireNoFailure } from '../registry/pass-over-due.ts';
import { handOver } from '../registry/pass-over-vaults.ts';
import { underLaw } from './decide-erasure.ts';
import { findOpenErasure } from './find-erasure.ts';
import { nextStep } from './next-step.ts';
import { switchKeys } from './switch-keys.ts';

type ErasingServices = Pick<
  Services,
  'ledger' | 'clock' | 'destruction' | 'installation' | 'telemetry'
>;

/** Name under which the erasing function writes into the audit chain. */
const ACTOR = 'holdfast:advance-erasures';

/** Rounds of one invocation: an erasure has five steps, and others may write in between. */
const MOST_ROUNDS = 20;

/**
 * Vaults worked on side by side. A step takes some tenths of a second, most of it spent waiting;
 * KMS lets 15 deletions be scheduled and 5 keys be disabled in a second (KMS developer guide,
 * "Request quotas"), and the SDK tries again what it refuses beyond that.
 */
const VAULTS_AT_ONCE = 4;

/**
 * Takes every step of a vault's erasure that is possible now. It acts on what the ledger says and
 * on nothing else, in rounds:
 * 1. read vault and erasure, and what that means for the keys (`keyTarget`)
 * 2. make both keys so
 * 3. write the next state, if what the ledger says still means the same
 *
 * It ends when there is nothing to write and nobody else wrote in between. So whoever writes last
 * (an approval, a cancellation, a hold) is heeded by the last round of somebody, and a run that
 * breaks off anywhere is taken again: by the next that is told, or by the hourly one.
 *
 * @param restore - also enables the keys of a vault that no erasure wants anything of, whoever
 * switched them.
 * @param isRoutine - nobody has decided anything: what is suspended, and is said to be so by the
 * key service, is not suspended once more. Each time would be an event, and an audit entry.
 * @throws HoldfastError `VAULT_UNKNOWN`, `KEYS_UNAVAILABLE`, `LEDGER_UNAVAILABLE`.
 */
export async function advanceErasure(
  services: ErasingServices,
  vaultId: string,
  { restore = false, isRoutine = false } = {},
): Promise<void> {
  let restoring = restore;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const { record: vault, version } = await requireVault(services.ledger, vaultId);
    const stored = await findOpenErasure(services.ledger, vault);
    const wanted = stored && (await wantedOf(services, vault, stored.record));
    if (wanted?.target) {
      const isRepeated = isRoutine && round === 1 && wanted.erasure.state === 'SUSPENDED';
      await takeStep(services, vault, wanted.erasure, wanted.target, isRepeated);
      // Should it turn out to be cancelled meanwhile, this run must put back what it has done.
      restoring = true;
    } else if (restoring && vault.state !== 'ERASED' && stored?.record.state !== 'DESTROYED') {
      await putBack(services, vault);
    }
    const after = await requireVault(services.ledger, vaultId);
    if (after.version === version) {
      return;
    }
  }
}

/**
 * Advances every erasure that is due. One that fails does not stop the others, and an invocation
 * whose time is nearly over lets the next one do the rest. Each reports `ErasureOverdueHours` of
 * what it looked at, also when it is 0, so that a missing value means that nobody looks.
 *
 * @returns how many were looked at.
 * @throws the first failure, after all were tried, unless the next invocation goes on; `PASS_STUCK`
 * when the time was over at once; `PIPELINE_UNAVAILABLE`, `LEDGER_UNAVAILABLE`.
 */
export async function advanceDueErasures(
  services: ErasingServices & Pick<Services, 'pipeline'>,
  pass: DuePass = {},
): Promise<number> {
  let overdue = 0;
  const lookAt = async (vaultId: string): Promise<boolean> => {
    try {
      await advanceErasure(services, vaultId, { isRoutine: true });
    } finally {
      const hours = await overdueHours(services, vaultId);
      overdue = Math.max(overdue, hours);
    }
    return true;
  };
  const queue = { work: 'erasure', failed: 'erasure.step-failed', ...pass } as const;
  try {
    const end = await passOverDue(services, { ...queue, atOnce: VAULTS_AT_ONCE }, lookAt);
    const next = { name: 'erasures', after: pass.after, hasWorked: false };
    const goOn = (after: string) => services.pipeline.continuePass('advance-erasures', after);
    if (!(await handOver(end, next, goOn))) {
      requireNoFailure(end);
    }
    return end.count;
  } finally {
    services.telemetry.measure(METRICS.erasureOverdueHours, overdue);
  }
}

async function overdueHours(services: ErasingServices, vaultId: string): Promise<number> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const open = await findOpenErasure(services.ledger, vault);
  const hours = open === undefined ? 0 : hoursOverdue(vault, open.record, services.clock.now());
  if (open !== undefined && hours > 0) {
    const { erasureId, state } = open.record;
    services.telemetry.event('erasure.overdue', { vaultId, erasureId, state, hours });
  }
  return hours;
}

/** What an erasure wants of the keys, as the law sees it now. */
async function wantedOf(
  { ledger, clock }: ErasingServices,
  vault: Vault,
  stored: Erasure,
): Promise<{ erasure: Erasure; target: KeyTarget | null }> {
  const now = clock.now();
  const erasure = await underLaw(ledger, vault, stored, now);
  return { erasure, target: keyTarget(vault, erasure, now) };
}

/** Switches the keys, and writes the next state unless what the ledger says now means another. */
async function takeStep(
  services: ErasingServices,
  { vaultId, keys }: Vault,
  { erasureId, plan }: Erasure,
  target: KeyTarget,
  isRepeated: boolean,
): Promise<void> {
  const { ledger, clock, destruction, installation } = services;
  const switched = await switchKeys(destruction, { keys }, target, plan.windowDays, isRepeated);
  await changeVault(services, vaultId, async (vault) => {
    const open = await findOpenErasure(ledger, vault);
    const now = clock.now();
    const wanted = open && (await wantedOf(services, vault, open.record));
    if (open?.record.erasureId !== erasureId || wanted?.target !== target) {
      return null;
    }
    const facts = { now, keys: switched, regions: installation.regions };
    const next = nextStep(vault, open.record, wanted.erasure, facts);
    return (
      next && {
        vault: next.vault,
        actor: ACTOR,
        action: next.action,
        details: { erasureId, holds: vault.holds },
        also: [{ record: next.erasure, expect: open.version }],
        result: null,
      }
    );
  });
}

/** Enables what is neither enabled nor gone. Keys that work are left alone. */
async function putBack(services: ErasingServices, { vaultId, keys }: Vault): Promise<void> {
  const { destruction } = services;
  const states = await inBothCopies((copy) => destruction.state(keys[copy]));
  const isWrong = (copy: CopyName) => ['Disabled', 'PendingDeletion'].includes(states[copy].state);
  if (!COPY_NAMES.some(isWrong)) {
    return;
  }
  await switchKeys(destruction, { keys }, 'Enabled', 0);
  const { primary, secondary } = states;
  await changeVault(services, vaultId, async (vault) => ({
    vault,
    actor: ACTOR,
    action: 'keys.restored',
    details: { primary: primary.state, secondary: secondary.state },
    also: [],
    result: null,
  }));
}
