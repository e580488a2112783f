import { type CopyName, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import { daysAfter } from '../domain/lock.ts';
import type { Erasure, Vault } from '../domain/records.ts';
import {
  type ErasureState,
  requireErasureTransition,
  requireVaultTransition,
} from '../domain/states.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { findOpenErasure } from './find-erasure.ts';

type ErasingServices = Pick<Services, 'ledger' | 'clock' | 'destruction' | 'telemetry'>;

/** Name under which the erasing function writes into the audit chain. */
const ACTOR = 'holdfast:advance-erasures';

/**
 * Takes every step of a vault's erasure that is possible now. It acts on what the ledger says and
 * on nothing else:
 * 1. APPROVED: disables both keys, the grace begins → SUSPENDED
 * 2. SUSPENDED and the grace is over: schedules the deletion of both keys → SCHEDULED
 * 3. CANCELLING: ends the waiting period and enables both keys → CANCELLED, the vault is ACTIVE
 *
 * The keys are changed before the ledger, and every change of a key may be repeated: a step that
 * broke off is simply taken again. Destruction itself is told by `recordKeyEvent` alone.
 *
 * @throws HoldfastError `VAULT_UNKNOWN`, `KEYS_UNAVAILABLE`, `LEDGER_UNAVAILABLE`.
 */
export async function advanceErasure(services: ErasingServices, vaultId: string): Promise<void> {
  let before: ErasureState | undefined;
  for (;;) {
    const { record: vault } = await requireVault(services.ledger, vaultId);
    const stored = await findOpenErasure(services.ledger, vault);
    if (stored === undefined || stored.record.state === before) {
      return;
    }
    before = stored.record.state;
    await takeStep(services, vault, stored.record);
  }
}

/**
 * Advances every erasure that is due. One that fails does not stop the others.
 * @returns how many were looked at.
 * @throws the first failure, after all were tried.
 */
export async function advanceDueErasures(services: ErasingServices): Promise<number> {
  const failures: unknown[] = [];
  let count = 0;
  for await (const vaultId of services.ledger.due('erasure', services.clock.now())) {
    count += 1;
    try {
      await advanceErasure(services, vaultId);
    } catch (error) {
      const code = isFault(error) ? error.code : 'UNEXPECTED';
      services.telemetry.event('erasure.step-failed', { vaultId, code });
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    throw failures[0];
  }
  return count;
}

async function takeStep(services: ErasingServices, vault: Vault, erasure: Erasure): Promise<void> {
  switch (erasure.state) {
    case 'APPROVED':
      return suspend(services, vault, erasure);
    case 'SUSPENDED':
      return schedule(services, vault, erasure);
    case 'CANCELLING':
      return reopen(services, vault, erasure);
    default:
      return;
  }
}

async function suspend(services: ErasingServices, vault: Vault, erasure: Erasure): Promise<void> {
  const { graceDays } = (await policyOf(services.ledger, vault)).erasure;
  await inBothCopies((copy) => services.destruction.disable(vault.keys[copy]));
  const now = services.clock.now();
  const graceUntil = daysAfter(now, graceDays).toISOString();
  const suspended = { suspendedAt: now.toISOString(), graceUntil };
  const moved = await moveOn(services, vault, erasure, 'SUSPENDED', suspended);
  if (!moved) {
    await reopenWhenCancelled(services, vault.vaultId);
  }
}

async function schedule(services: ErasingServices, vault: Vault, erasure: Erasure): Promise<void> {
  const graceOver = Date.parse(erasure.graceUntil ?? '') <= services.clock.now().getTime();
  if (!graceOver || vault.holds > 0) {
    return;
  }
  const dates = await scheduleBoth(services, vault);
  const moved = await moveOn(services, vault, erasure, 'SCHEDULED', { deletionDates: dates });
  if (!moved) {
    await reopenWhenCancelled(services, vault.vaultId);
  }
}

async function scheduleBoth(services: ErasingServices, vault: Vault): Promise<PerCopy<string>> {
  const { windowDays } = (await policyOf(services.ledger, vault)).erasure;
  const { destruction } = services;
  return inBothCopies(async (copy: CopyName) =>
    (await destruction.scheduleDeletion(vault.keys[copy], windowDays)).toISOString(),
  );
}

/**
 * Undoes what this run did to the keys when the erasure was cancelled, and the keys enabled, by
 * another run in the very moment between. Without it an ACTIVE vault could lose its keys.
 */
async function reopenWhenCancelled(services: ErasingServices, vaultId: string): Promise<void> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  if (vault.state === 'ACTIVE') {
    await enableBoth(services, vault);
  }
}

async function enableBoth({ destruction }: ErasingServices, vault: Vault): Promise<void> {
  await inBothCopies(async (copy) => {
    await destruction.cancelDeletion(vault.keys[copy]);
    await destruction.enable(vault.keys[copy]);
  });
}

async function reopen(services: ErasingServices, vault: Vault, erasure: Erasure): Promise<void> {
  const states = await inBothCopies((copy) => services.destruction.state(vault.keys[copy]));
  if (states.primary.state === 'Gone' || states.secondary.state === 'Gone') {
    await giveUpCancelling(services, vault, erasure, states);
    return;
  }
  await enableBoth(services, vault);
  const now = services.clock.now().toISOString();
  await moveOn(services, vault, erasure, 'CANCELLED', { endedAt: now }, (pending) => {
    requireVaultTransition(pending.vaultId, pending.state, 'ACTIVE');
    const nextBackupAt = vault.source.kind === 's3' ? now : null;
    return { ...pending, state: 'ACTIVE', nextBackupAt };
  });
}

/** The cancellation lost the race against a key's destruction: the other key goes as well. */
async function giveUpCancelling(
  services: ErasingServices,
  vault: Vault,
  erasure: Erasure,
  states: PerCopy<{ state: string }>,
): Promise<void> {
  const { windowDays } = (await policyOf(services.ledger, vault)).erasure;
  await inBothCopies(async (copy) => {
    if (states[copy].state !== 'Gone') {
      await services.destruction.disable(vault.keys[copy]);
      await services.destruction.scheduleDeletion(vault.keys[copy], windowDays);
    }
  });
  await moveOn(services, vault, erasure, 'SCHEDULED', { cancelledBy: null });
}

/**
 * Writes the next state, unless the erasure has left the state the step was taken in.
 * @returns whether it was written.
 */
async function moveOn(
  services: ErasingServices,
  { vaultId }: Vault,
  { erasureId, state: from }: Erasure,
  to: ErasureState,
  fields: Partial<Erasure>,
  changed: (vault: Vault) => Vault = (vault) => vault,
): Promise<boolean> {
  const moved = await changeVault(services, vaultId, async (vault) => {
    const stored: Stored<'erasure'> | undefined = await findOpenErasure(services.ledger, vault);
    if (stored?.record.erasureId !== erasureId || stored.record.state !== from) {
      return null;
    }
    requireErasureTransition(erasureId, from, to);
    const next: Erasure = { ...stored.record, ...fields, state: to };
    return {
      vault: changed(vault),
      actor: ACTOR,
      action: `erasure.${to.toLowerCase()}`,
      details: { erasureId },
      also: [{ record: next, expect: stored.version }],
      result: true,
    };
  });
  return moved === true;
}
