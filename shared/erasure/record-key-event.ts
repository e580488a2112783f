import { METRICS } from '../config/metric-names.ts';
import { COPY_NAMES, type CopyName } from '../domain/copy-name.ts';
import type { Erasure, Vault } from '../domain/records.ts';
import type { Change, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { findOpenErasure } from './find-erasure.ts';
import { isOurOwn, type KeyEvent } from './key-event.ts';

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
    const open = await findOpenErasure(services.ledger, vault);
    const judged = judge(event, services.installation.name, vault, open, copy);
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
  open: Stored<'erasure'> | undefined,
  copy: CopyName,
): { expected: boolean; changes: readonly Change[] } {
  if (event.eventName !== 'DeleteKey') {
    return { expected: isOurOwn(event, installation), changes: [] };
  }
  // A cancellation can lose the race against the destruction: that evidence counts as well.
  const inProcess = open?.record.state === 'SCHEDULED' || open?.record.state === 'CANCELLING';
  if (open === undefined || !inProcess || vault.state !== 'ERASE_PENDING') {
    return { expected: false, changes: [] };
  }
  const record = withEvidence(open.record, copy, event);
  return { expected: true, changes: [{ record, expect: open.version }] };
}

function withEvidence(erasure: Erasure, copy: CopyName, event: KeyEvent): Erasure {
  const { eventId, eventTime, region } = event;
  const evidence = { ...erasure.evidence, [copy]: { eventId, eventTime, region } };
  const everywhere = COPY_NAMES.every((name) => evidence[name] !== null);
  return { ...erasure, evidence, state: everywhere ? 'DESTROYED' : erasure.state };
}
