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

/** An attempt at something, and why it was refused. */
export interface DeniedAttempt {
  readonly actor: string;
  /** What was asked of a vault or a client names it. */
  readonly params: { readonly vaultId?: string; readonly clientId?: string };
  /** Name of the route that was called. */
  readonly route: string;
  readonly error: unknown;
}

type DenialServices = Pick<Services, 'ledger' | 'clock' | 'telemetry' | 'request'>;

/**
 * Records in an audit chain that somebody attempted what a rule forbids: approving one's own
 * request, erasing what is held. It is the chain of the vault or the client that the request named,
 * otherwise the installation's. What IAM denies never gets here; CloudTrail has it.
 *
 * Never throws: the caller is answered with the refusal in any case. What could not be recorded is
 * logged as `audit.denial-lost`.
 */
export async function recordDenied(
  services: DenialServices,
  { actor, params, route, error }: DeniedAttempt,
): Promise<void> {
  if (!(error instanceof HoldfastError) || error.kind !== 'refused') {
    return;
  }
  const { code } = error;
  if (NO_RULE.includes(code)) {
    return;
  }
  try {
    const about = { action: 'request.denied', result: 'denied', reason: code } as const;
    const event = { actor, ...about, details: { route } };
    await writeDecision(services, async () => {
      return { changes: await deniedChanges(services, params, event), result: null };
    });
  } catch {
    const chainId = params.vaultId ?? params.clientId ?? INSTALLATION_CHAIN;
    services.telemetry.event('audit.denial-lost', { chainId, route, code });
  }
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
