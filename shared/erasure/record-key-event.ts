import { METRICS } from '../config/metric-names.ts';
import { COPY_NAMES, type CopyName } from '../domain/copy-name.ts';
import type { Erasure, Vault } from '../domain/records.ts';
import type { Change, Ledger, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { isErasersOwn, type KeyEvent } from './key-event.ts';

/** Name under which key events are written into the audit chain. */
const ACTOR = 'holdfast:record-key-event';

/**
 * Records one key event in its vault's audit chain, once however often it is delivered. A
 * `DeleteKey` of a scheduled erasure is the evidence of destruction in its Region; with both the
 * erasure becomes DESTROYED. Anything the erasing process did not start raises the metric
 * `UnexpectedKeyEvent`.
 *
 * Events may come late, twice or in any order. Events of keys that belong to no vault are ignored.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`: deliver the event again.
 */
export async function recordKeyEvent(
  services: Pick<Services, 'ledger' | 'clock' | 'telemetry' | 'installation'>,
  event: KeyEvent,
): Promise<void> {
  const owner = await services.ledger.get('vault-key', event.keyArn);
  if (owner === undefined) {
    return;
  }
  const { vaultId, copy } = owner.record;
  const expected = await changeVault(services, vaultId, async (vault) => {
    const seen = await services.ledger.get('key-event', vaultId, event.eventId);
    if (seen !== undefined) {
      return null;
    }
    const latest = await findLatestErasure(services.ledger, vault);
    const judged = judge(event, services.installation.name, vault, latest, copy);
    return {
      vault,
      actor: ACTOR,
      action: `key.${event.eventName}`,
      details: {
        eventId: event.eventId,
        copy,
        caller: event.actorArn,
        at: event.eventTime,
        expected: judged.expected,
      },
      also: [
        { record: { kind: 'key-event', vaultId, eventId: event.eventId }, expect: 'absent' },
        ...judged.changes,
      ],
      result: judged.expected,
    };
  });
  if (expected === false) {
    services.telemetry.measure(METRICS.unexpectedKeyEvent, 1);
    services.telemetry.event('key-event.unexpected', { vaultId, eventName: event.eventName });
  }
}

function judge(
  event: KeyEvent,
  installation: string,
  vault: Vault,
  latest: Stored<'erasure'> | undefined,
  copy: CopyName,
): { expected: boolean; changes: readonly Change[] } {
  if (event.eventName !== 'DeleteKey') {
    // The event may come late, when the erasure has moved on; but approved it must have been.
    const approved = latest !== undefined && latest.record.approvedAt !== null;
    return { expected: approved && isErasersOwn(event, installation), changes: [] };
  }
  // A cancellation can lose the race against the destruction: that evidence counts as well.
  const inProcess = latest?.record.state === 'SCHEDULED' || latest?.record.state === 'CANCELLING';
  if (latest === undefined || !inProcess || vault.state !== 'ERASE_PENDING') {
    return { expected: false, changes: [] };
  }
  const record = withEvidence(latest.record, copy, event);
  return { expected: true, changes: [{ record, expect: latest.version }] };
}

/** The vault's latest erasure, whatever became of it. */
async function findLatestErasure(
  ledger: Ledger,
  { vaultId, erasureId }: Vault,
): Promise<Stored<'erasure'> | undefined> {
  return erasureId === null ? undefined : ledger.get('erasure', vaultId, erasureId);
}

function withEvidence(erasure: Erasure, copy: CopyName, event: KeyEvent): Erasure {
  const { eventId, eventTime, region } = event;
  const evidence = { ...erasure.evidence, [copy]: { eventId, eventTime, region } };
  const everywhere = COPY_NAMES.every((name) => evidence[name] !== null);
  return { ...erasure, evidence, state: everywhere ? 'DESTROYED' : erasure.state };
}
