import { METRICS } from '../config/metric-names.ts';
import { INSTALLATION_CHAIN } from '../domain/audit-chain.ts';
import { HoldfastError } from '../domain/errors.ts';
import type { FaultCode } from '../domain/fault-catalogue.ts';
import type { Change } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import {
  type ChainEvent,
  chainChanges,
  clientChanges,
  installationChanges,
} from '../registry/chain-changes.ts';
import { requireVault } from '../registry/find-vault.ts';
import { writeDecision } from '../registry/write-decision.ts';

/** Refusals of AWS towards Holdfast: nobody attempted what a rule forbids. */
const NO_RULE: readonly FaultCode[] = [
  'COPY_DENIED',
  'KEYS_UNUSABLE',
  'NOT_CERTIFIABLE',
  'OBJECT_LOCKED',
  'SOURCE_DENIED',
  'TARGET_UNWRITABLE',
];

/** What forbids something only as long as something else is under way, or was seen otherwise. */
const RULES_FOR_NOW: readonly FaultCode[] = ['ERASURE_UNDER_WAY', 'PLAN_STALE', 'VAULT_MOVING'];

/**
 * Others write to the same chain at the same moment, above all whoever hides an attempt by making
 * it thirty times at once. Each write takes some tens of milliseconds, so that the longest pause
 * has room for twenty of them; all pauses together are 8 s at most, and mostly half of that.
 */
const TRIES = 16;
const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 640;

/** An attempt at something, and why it was refused. */
export interface DeniedAttempt {
  readonly actor: string;
  /** What was asked of a vault or a client names it. */
  readonly params: { readonly vaultId?: string; readonly clientId?: string };
  /** Name of the route that was called. */
  readonly route: string;
  readonly error: unknown;
}

type DenialServices = Pick<Services, 'ledger' | 'clock' | 'pauses' | 'telemetry' | 'request'>;

/**
 * Records in an audit chain that somebody attempted what a rule forbids: approving one's own
 * request, erasing what is held, approving a plan that is another one by now. It is the chain of
 * the vault or the client that the request named, otherwise the installation's. What IAM denies
 * never gets here; CloudTrail has it.
 *
 * Never throws: the caller is answered with the refusal in any case. What could not be recorded is
 * logged as `audit.denial-lost` and raises the metric `DenialLost`.
 */
export async function recordDenied(
  services: DenialServices,
  { actor, params, route, error }: DeniedAttempt,
): Promise<void> {
  if (!(error instanceof HoldfastError) || !isForbidden(error)) {
    return;
  }
  const { code } = error;
  try {
    const about = { action: 'request.denied', result: 'denied', reason: code } as const;
    const event = { actor, ...about, details: { route } };
    const decide = async () => ({
      changes: await deniedChanges(services, params, event),
      result: null,
    });
    await writeDecision(services, decide, {
      tries: TRIES,
      wait: async (tries) =>
        services.pauses.upTo(Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)),
    });
  } catch {
    const chainId = params.vaultId ?? params.clientId ?? INSTALLATION_CHAIN;
    services.telemetry.event('audit.denial-lost', { chainId, route, code });
    services.telemetry.measure(METRICS.denialLost, 1);
  }
}

function isForbidden({ kind, code }: HoldfastError): boolean {
  return (kind === 'refused' && !NO_RULE.includes(code)) || RULES_FOR_NOW.includes(code);
}

async function deniedChanges(
  services: DenialServices,
  { vaultId, clientId }: DeniedAttempt['params'],
  event: ChainEvent,
): Promise<Change[]> {
  if (vaultId !== undefined) {
    const { record, version } = await requireVault(services.ledger, vaultId);
    return chainChanges(services, record, version, event);
  }
  return clientId === undefined
    ? installationChanges(services, event)
    : clientChanges(services, clientId, event);
}
