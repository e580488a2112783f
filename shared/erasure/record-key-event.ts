import { METRICS } from '../config/metric-names.ts';
import type { CopyName } from '../domain/copy-name.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import type { Vault } from '../domain/records.ts';
import { isErasureOpen } from '../domain/states.ts';
import type { Change, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { withEvidence } from './evidence.ts';
import { findLatestErasure } from './find-erasure.ts';
import { isErasersOwn, isOwnRepair, type KeyEvent } from './key-event.ts';
import { recordInstallationKeyEvent } from './record-installation-key-event.ts';
import { tellConfirmer } from './tell-confirmer.ts';
import { undoKeyEvent } from './undo-key-event.ts';

/** Name under which key events are written into the audit chain. */
const ACTOR = 'holdfast:record-key-event';

/**
 * Records one key event in its vault's audit chain, once however often it is delivered. A
 * `DeleteKey` of an erasure under way is the evidence of destruction in its Region; with both the
 * erasure becomes DESTROYED, and is confirmed at once. Anything the erasing process did not start
 * raises the metric `UnexpectedKeyEvent`, with every delivery, and is undone where the vault's
 * policy says so.
 *
 * Events may come late, twice or in any order. One of a key that belongs to no vault is
 * none of this: see `recordInstallationKeyEvent`.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`, `PIPELINE_UNAVAILABLE`,
 * `KEYS_UNAVAILABLE`, `KEYS_UNUSABLE`: deliver the event again.
 */
export async function recordKeyEvent(
  services: Pick<
    Services,
    'ledger' | 'clock' | 'telemetry' | 'pipeline' | 'installation' | 'installationKeys'
  >,
  event: KeyEvent,
): Promise<void> {
  const owner = await services.ledger.get('vault-key', event.keyArn);
  if (owner === undefined) {
    return recordInstallationKeyEvent(services, event);
  }
  const { vaultId, copy } = owner.record;
  const { eventId } = event;
  await changeVault(services, vaultId, async (vault) => {
    if ((await services.ledger.get('key-event', vaultId, eventId)) !== undefined) {
      return null;
    }
    const latest = await findLatestErasure(services.ledger, vault);
    const judged = judge(event, services.installation.name, vault, latest, copy);
    const { expected } = judged;
    const seen = { kind: 'key-event', chainId: vaultId, eventId, expected } as const;
    return {
      vault: judged.vault,
      actor: ACTOR,
      action: `key.${event.eventName}`,
      details: { eventId, copy, caller: event.actorArn, at: event.eventTime, expected },
      also: [{ record: seen, expect: 'absent' as const }, ...judged.changes],
      result: null,
    };
  });
  // Of the record, and so also when it was written by an invocation that ended before it told.
  const recorded = await services.ledger.get('key-event', vaultId, eventId);
  if (recorded?.record.expected === false) {
    services.telemetry.measure(METRICS.unexpectedKeyEvent, 1);
    services.telemetry.event('key-event.unexpected', { vaultId, eventName: event.eventName });
  }
  if (event.eventName === 'DeleteKey') {
    return tellConfirmer(services, vaultId);
  }
  await undoKeyEvent(services, vaultId, event);
}

interface Judgement {
  readonly vault: Vault;
  readonly expected: boolean;
  readonly changes: readonly Change[];
}

function judge(
  event: KeyEvent,
  installation: string,
  vault: Vault,
  latest: Stored<'erasure'> | undefined,
  copy: CopyName,
): Judgement {
  if (event.eventName !== 'DeleteKey') {
    // The event may come late, when the erasure has moved on; but approved it must have been.
    const approved = latest !== undefined && latest.record.approvedAt !== null;
    const isOwn = approved && isErasersOwn(event, installation);
    return { vault, expected: isOwn || isOwnRepair(event, installation), changes: [] };
  }
  if (latest === undefined || !awaitsEvidence(latest.record, copy)) {
    const isKnown = latest?.record.state === 'ERASED';
    return { vault, expected: isKnown, changes: [] };
  }
  const { eventId, eventTime, region } = event;
  const found = { [copy]: { kind: 'event' as const, eventId, eventTime, region } };
  const next = withEvidence(vault, latest.record, found);
  return {
    vault: next.vault,
    // While it is suspended nothing is scheduled: somebody did that, or a hold came too late. It
    // also did when it found both keys gone, and left the erasure as it was.
    expected: latest.record.state !== 'SUSPENDED' && vault.holds === 0,
    changes: [{ record: next.erasure, expect: latest.version }],
  };
}

/** That a key is gone is true whoever did it; an event is better evidence than its absence. */
function awaitsEvidence({ state, evidence }: Erasure, copy: CopyName): boolean {
  const isUnderWay = isErasureOpen(state) && state !== 'REQUESTED';
  return isUnderWay && evidence[copy]?.kind !== 'event';
}
