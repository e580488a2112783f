import { ruleOn } from '../domain/disposition.ts';
import { isFault } from '../domain/errors.ts';
import { parseLocalDate } from '../domain/local-date.ts';
import { policyOf } from '../policies/find-policy.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { openErasure } from './open-erasure.ts';

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
};

/**
 * Asks for the erasure of every closed vault whose time has come: delete on one's own initiative
 * when the period is over (个人信息保护法 47(1)). A person approves each. What is held waits, and is
 * asked for by the first pass after its release; a request that was cancelled is made anew.
 *
 * The period is counted again from the policy as it is now: a period that became longer is obeyed.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`; at the end of the pass, the first other failure.
 */
export async function endRetention(services: EndingServices): Promise<EndSummary> {
  const now = services.clock.now();
  const vaultIds = await Array.fromAsync(services.ledger.due('retention-end', now));
  const failures: unknown[] = [];
  let [opened, extended] = [0, 0];
  for (const vaultId of vaultIds) {
    try {
      if (await extend(services, vaultId)) {
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
  if (failures.length > 0) {
    throw failures[0];
  }
  return { due: vaultIds.length, opened, extended };
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
