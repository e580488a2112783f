import { HoldfastError } from '../domain/errors.ts';
import type { FaultCode } from '../domain/fault-catalogue.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';

/** Refusals of AWS towards Holdfast: nobody attempted what a rule forbids. */
const NO_RULE: readonly FaultCode[] = [
  'COPY_DENIED',
  'KEYS_UNUSABLE',
  'NOT_CERTIFIABLE',
  'OBJECT_LOCKED',
  'SOURCE_DENIED',
  'TARGET_UNWRITABLE',
];

/** An attempt at something, and why it was refused. */
export interface DeniedAttempt {
  readonly actor: string;
  readonly vaultId: string;
  /** Name of the route that was called. */
  readonly route: string;
  readonly error: unknown;
}

/**
 * Records in a vault's audit chain that somebody attempted what a rule forbids: approving one's own
 * request, erasing what is held. What IAM denies never gets here; CloudTrail has it.
 *
 * Never throws: the caller is answered with the refusal in any case. What could not be recorded is
 * logged as `audit.denial-lost`.
 */
export async function recordDenied(
  services: Pick<Services, 'ledger' | 'clock' | 'telemetry' | 'request'>,
  { actor, vaultId, route, error }: DeniedAttempt,
): Promise<void> {
  if (!(error instanceof HoldfastError) || error.kind !== 'refused') {
    return;
  }
  const { code } = error;
  if (NO_RULE.includes(code)) {
    return;
  }
  try {
    await changeVault(services, vaultId, async (vault) => ({
      vault,
      actor,
      action: 'request.denied',
      outcome: 'denied' as const,
      reason: code,
      details: { route },
      also: [],
      result: null,
    }));
  } catch {
    services.telemetry.event('audit.denial-lost', { vaultId, route, code });
  }
}
