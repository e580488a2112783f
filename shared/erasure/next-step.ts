import { COPY_NAMES, type CopyName, inBoth, type PerCopy } from '../domain/copy-name.ts';
import type { DestructionEvidence, Erasure } from '../domain/erasure-records.ts';
import { keyTarget } from '../domain/key-target.ts';
import { tierOf } from '../domain/key-tier.ts';
import { daysAfter } from '../domain/lock.ts';
import type { Vault } from '../domain/records.ts';
import { requireErasureTransition, requireVaultTransition } from '../domain/states.ts';
import type { KeyState } from '../ports/key-custody.ts';
import { withEvidence } from './evidence.ts';

/**
 * How long after its date a destroyed key's event is waited for. KMS takes up to 24 hours longer
 * than it says (KMS developer guide, "Deleting keys"), and EventBridge repeats a failed delivery
 * for another 24 hours.
 */
const EVENT_LOST_AFTER_DAYS = 2;

/** What the ledger is to say after the keys were switched. */
export interface NextStep {
  readonly vault: Vault;
  readonly erasure: Erasure;
  readonly action: string;
}

/** What a step is decided on, beside vault and erasure. */
export interface StepFacts {
  readonly now: Date;
  /** The keys, as `switchKeys` left them. */
  readonly keys: PerCopy<KeyState>;
  readonly regions: PerCopy<string>;
}

/**
 * The next state of an erasure whose keys are what `keyTarget` asks for.
 *
 * @param stored - what the ledger has; it is what counts once both keys are gone: no law keeps
 * them any more.
 * @param lawful - the same as the law sees it now.
 * @returns `null` when it has to wait.
 */
export function nextStep(
  vault: Vault,
  stored: Erasure,
  lawful: Erasure,
  facts: StepFacts,
): NextStep | null {
  return areGone(facts)
    ? stepOf(vault, stored, facts)
    : (extension(vault, stored, lawful, facts) ?? stepOf(vault, lawful, facts));
}

function stepOf(vault: Vault, erasure: Erasure, facts: StepFacts): NextStep | null {
  const target = keyTarget(vault, erasure, facts.now);
  switch (erasure.state) {
    case 'APPROVED':
      return step(vault, erasure, 'SUSPENDED', suspension(erasure, facts.now));
    case 'SUSPENDED':
      return target === 'PendingDeletion' ? scheduled(vault, erasure, facts) : null;
    case 'SCHEDULED':
      // A hold that comes after both keys were destroyed keeps nothing: their evidence will come.
      if (target !== 'PendingDeletion' && !areGone(facts)) {
        return step(vault, erasure, 'SUSPENDED', { deletionDates: datesKept(erasure, facts) });
      }
      return tierOf(vault.keys) === 'shared-root'
        ? (rescheduled(vault, erasure, facts) ?? destroying(vault, erasure, facts))
        : (absence(vault, erasure, facts) ?? rescheduled(vault, erasure, facts));
    case 'DESTROYING':
      return absence(vault, erasure, facts);
    case 'CANCELLING':
      return COPY_NAMES.some((copy) => facts.keys[copy].state === 'Gone')
        ? // Lost against the destruction: the other key goes as well.
          cameTooLate(vault, erasure, facts)
        : cancelled(vault, erasure, facts.now);
    default:
      return null;
  }
}

/**
 * Writes down that the law asks to keep it longer by now. What is scheduled is called off first.
 * @returns `null` when it does not.
 */
function extension(
  vault: Vault,
  stored: Erasure,
  lawful: Erasure,
  facts: StepFacts,
): NextStep | null {
  if (lawful.graceUntil === stored.graceUntil) {
    return null;
  }
  const state = vault.state === 'ERASE_PENDING' ? 'RESTRICTED' : vault.state;
  const deletionDates = datesKept(stored, facts);
  const suspended = { ...lawful, state: 'SUSPENDED' as const, deletionDates };
  return { vault: { ...vault, state }, erasure: suspended, action: 'erasure.extended' };
}

/** A cancellation cannot bring back a key; what it began at once has its times from now on. */
function cameTooLate(vault: Vault, erasure: Erasure, facts: StepFacts): NextStep {
  return step(vault, erasure, 'SUSPENDED', {
    ...(erasure.suspendedAt === null ? suspension(erasure, facts.now) : {}),
    cancellations: [],
    deletionDates: datesKept(erasure, facts),
  });
}

function areGone({ keys }: StepFacts): boolean {
  return COPY_NAMES.every((copy) => keys[copy].state === 'Gone');
}

function suspension({ decision, plan }: Erasure, now: Date): Partial<Erasure> {
  const graceUntil = daysAfter(now, plan.graceDays).toISOString();
  const isRestricted = decision.outcome === 'restrict';
  // A restriction is a grace already: when it ends, nothing more is waited for.
  const until = isRestricted && (decision.until === null || decision.until > graceUntil);
  return { suspendedAt: now.toISOString(), graceUntil: until ? decision.until : graceUntil };
}

function scheduled(vault: Vault, erasure: Erasure, facts: StepFacts): NextStep {
  const next = step(vault, erasure, 'SCHEDULED', { deletionDates: datesOf(erasure, facts) });
  if (vault.state !== 'RESTRICTED') {
    return next;
  }
  requireVaultTransition(vault.vaultId, vault.state, 'ERASE_PENDING');
  return { ...next, vault: { ...vault, state: 'ERASE_PENDING' } };
}

/** Somebody else ended the waiting period, and it was begun anew. */
function rescheduled(vault: Vault, erasure: Erasure, facts: StepFacts): NextStep | null {
  const deletionDates = datesOf(erasure, facts);
  const isSame = COPY_NAMES.every((copy) => deletionDates[copy] === erasure.deletionDates?.[copy]);
  return isSame
    ? null
    : { vault, erasure: { ...erasure, deletionDates }, action: 'erasure.rescheduled' };
}

/**
 * The last moment a hold is heeded: from the transaction that writes this on, keys may be deleted,
 * and placing a hold is refused. Of two that happen at once the vault's version lets one be first.
 */
function destroying(vault: Vault, erasure: Erasure, facts: StepFacts): NextStep | null {
  const now = facts.now.toISOString();
  const dates = Object.values(datesOf(erasure, facts));
  const isDue = dates.every((date) => date === null || date <= now);
  return isDue ? step(vault, erasure, 'DESTROYING', { destroyingAt: now }) : null;
}

/** A key that is gone keeps the date it had; one that somebody else destroyed has none. */
function datesOf({ deletionDates }: Erasure, { keys }: StepFacts): PerCopy<string | null> {
  return inBoth((copy) => keys[copy].deletionDate?.toISOString() ?? deletionDates?.[copy] ?? null);
}

/** The dates that are left when the deletion is called off: of what it came too late for. */
function datesKept({ deletionDates }: Erasure, { keys }: StepFacts): Erasure['deletionDates'] {
  const kept = inBoth((copy) =>
    keys[copy].state === 'Gone' ? (deletionDates?.[copy] ?? null) : null,
  );
  return kept.primary === null && kept.secondary === null ? null : kept;
}

/** A key that is gone although no event said so, long after its date; an entry has no event. */
function absence(vault: Vault, erasure: Erasure, facts: StepFacts): NextStep | null {
  const isEntry = tierOf(vault.keys) === 'shared-root';
  const found: Partial<Record<CopyName, DestructionEvidence>> = {};
  for (const copy of COPY_NAMES) {
    const dueAt = erasure.deletionDates?.[copy] ?? null;
    // Of a key without a date nothing is known but that it might be destroyed from then on.
    const from = dueAt ?? erasure.graceUntil;
    const isMissing = erasure.evidence[copy] === null && facts.keys[copy].state === 'Gone';
    const observedAt = facts.now.toISOString();
    if (from !== null && isMissing && observedAt >= (isEntry ? from : lostAt(from))) {
      const kind = isEntry ? 'entry-deleted' : 'absence';
      found[copy] = { kind, observedAt, region: facts.regions[copy], dueAt };
    }
  }
  return Object.keys(found).length === 0
    ? null
    : { ...withEvidence(vault, erasure, found), action: 'erasure.absence-observed' };
}

function lostAt(dueAt: string): string {
  return daysAfter(new Date(dueAt), EVENT_LOST_AFTER_DAYS).toISOString();
}

function cancelled(vault: Vault, erasure: Erasure, now: Date): NextStep {
  const state = erasure.vaultStateBefore ?? 'ACTIVE';
  requireVaultTransition(vault.vaultId, vault.state, state);
  const isBackedUp = state === 'ACTIVE' && vault.source.kind === 's3';
  const at = now.toISOString();
  const next = step(vault, erasure, 'CANCELLED', { endedAt: at });
  return { ...next, vault: { ...vault, state, nextBackupAt: isBackedUp ? at : null } };
}

function step(
  vault: Vault,
  erasure: Erasure,
  to: Erasure['state'],
  fields: Partial<Erasure>,
): NextStep {
  requireErasureTransition(erasure.erasureId, erasure.state, to);
  const next = { ...erasure, ...fields, state: to };
  return { vault, erasure: next, action: `erasure.${to.toLowerCase()}` };
}
