import { METRICS } from '../config/metric-names.ts';
import { HANDOVER_DAYS } from '../domain/closing-records.ts';
import { ruleOn } from '../domain/disposition.ts';
import { isFault } from '../domain/errors.ts';
import { parseLocalDate } from '../domain/local-date.ts';
import { daysAfter } from '../domain/lock.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { openErasure } from './open-erasure.ts';

const HOUR_MS = 3_600_000;

/** Name under which the function acts. */
const ACTOR = 'holdfast:end-retention';

type EndingServices = Pick<Services, 'ledger' | 'clock' | 'ids' | 'telemetry'>;

/** What one pass has done. A type alias: it is logged as it is. */
export type EndSummary = {
  /** Vaults whose time has come. */
  readonly due: number;
  /** Erasures asked for by this pass. */
  readonly opened: number;
  /** Vaults whose policy keeps them longer by now. */
  readonly extended: number;
  /** Vaults whose handover nobody has confirmed in time. */
  readonly unconfirmed: number;
};

/**
 * Asks for the erasure of every closed vault whose time has come: delete on one's own initiative
 * when the period is over (个人信息保护法 47(1)). A person approves each. What is held waits, and is
 * asked for by the first pass after its release; a request that was cancelled is made anew.
 *
 * The period is counted again from the policy as it is now: a period that became longer is obeyed.
 *
 * A handover that nobody has confirmed in time is told: each pass reports `HandoverOverdueHours`,
 * also when it is 0.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`; at the end of the pass, the first other failure.
 */
export async function endRetention(services: EndingServices): Promise<EndSummary> {
  const now = services.clock.now();
  const vaultIds = await Array.fromAsync(services.ledger.due('retention-end', now));
  const failures: unknown[] = [];
  let [opened, extended, unconfirmed, overdueHours] = [0, 0, 0, 0];
  for (const vaultId of vaultIds) {
    try {
      const late = await handoverOverdue(services, vaultId, now);
      if (late !== null) {
        unconfirmed += 1;
        overdueHours = Math.max(overdueHours, late);
      } else if (await extend(services, vaultId)) {
        extended += 1;
      } else {
        opened += (await openErasure(services, ACTOR, vaultId)) ? 1 : 0;
      }
    } catch (error) {
      const code = isFault(error) ? error.code : 'UNEXPECTED';
      services.telemetry.event('retention.end-failed', { vaultId, code });
      failures.push(error);
    }
  }
  services.telemetry.measure(METRICS.handoverOverdueHours, overdueHours);
  if (failures.length > 0) {
    throw failures[0];
  }
  return { due: vaultIds.length, opened, extended, unconfirmed };
}

/** @returns hours by which a confirmation is late; `null` for a vault that waits for none. */
async function handoverOverdue(
  { ledger, telemetry }: EndingServices,
  vaultId: string,
  now: Date,
): Promise<number | null> {
  const { record: vault } = await requireVault(ledger, vaultId);
  const { state, closing } = vault;
  if (state !== 'CLOSED' || closing?.disposition !== 'hand-over') {
    return null;
  }
  const due = daysAfter(new Date(closing.closedAt), HANDOVER_DAYS);
  telemetry.event('handover.overdue', { vaultId, closedAt: closing.closedAt });
  return (now.getTime() - due.getTime()) / HOUR_MS;
}

/** @returns whether the vault's policy keeps it longer than was known when it was closed. */
async function extend(services: EndingServices, vaultId: string): Promise<boolean> {
  const extended = await changeVault(services, vaultId, async (vault) => {
    const { closing } = vault;
    const event = parseLocalDate(closing?.event ?? '');
    if (closing?.disposition !== 'retain' || event === undefined) {
      return null;
    }
    const policy = await policyOf(services.ledger, vault);
    const { allowed, keepUntil, basis } = ruleOn('retain', policy, event, services.clock.now());
    if (!allowed) {
      return null;
    }
    return {
      vault: { ...vault, closing: { ...closing, keepUntil, basis } },
      actor: ACTOR,
      action: 'retention.extended',
      details: { keepUntil },
      also: [],
      result: true,
    };
  });
  return extended === true;
}
