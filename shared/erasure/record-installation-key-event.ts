import { METRICS } from '../config/metric-names.ts';
import { INSTALLATION_CHAIN } from '../domain/audit-chain.ts';
import type { KeyPurpose, OwnKey } from '../ports/installation-keys.ts';
import type { Services } from '../ports/services.ts';
import { installationChanges } from '../registry/chain-changes.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { isInstallationRepair, type KeyEvent } from './key-event.ts';

type KeyEventServices = Pick<
  Services,
  'ledger' | 'clock' | 'installationKeys' | 'installation' | 'telemetry'
>;

/** Name under which such events are written into the installation's audit chain. */
const ACTOR = 'holdfast:record-key-event';

/** What an event did to a key, for whoever reads the log. */
const DONE: Readonly<Record<string, string>> = {
  DisableKey: 'was disabled: nothing can be done with it',
  EnableKey: 'was enabled',
  ScheduleKeyDeletion: 'was scheduled for deletion: nothing can be done with it',
  CancelKeyDeletion: 'is not to be deleted any more',
  PutKeyPolicy: 'was given another policy',
  DeleteKey: 'was destroyed, for good',
};

const NAMES: Readonly<Record<KeyPurpose, string>> = {
  root: 'the root key of the tier shared-root',
  signing: 'the key that signs certificates and checkpoints',
};

/**
 * Records one key event of a key that no vault has in the installation's audit chain, once however
 * often it is delivered. Nothing of Holdfast ever ends the installation's own keys, so whatever
 * happens to them is somebody's doing: it raises the metric `InstallationKeyEvent` with each
 * delivery, so that an invocation that ended too early keeps nothing back; and what can be
 * undone is undone, whatever the event says: a key that is off is enabled again. A changed policy
 * stays, for a deployment changes it in the same way; and so does a key while its alias leads to no
 * key: whose it is, nobody can tell then.
 *
 * Keys that are not the installation's are ignored.
 *
 * @throws HoldfastError `KEYS_UNAVAILABLE`, `KEYS_UNUSABLE`, `LEDGER_UNAVAILABLE`,
 * `LEDGER_CONFLICT`: deliver the event again.
 */
export async function recordInstallationKeyEvent(
  services: KeyEventServices,
  event: KeyEvent,
): Promise<void> {
  const { installationKeys, installation, telemetry } = services;
  const { eventId, eventName, region, keyArn } = event;
  const found = await installationKeys.find(keyArn);
  if (found === null) {
    return;
  }
  const { purpose: key, isNamed } = found;
  const expected = isInstallationRepair(event, installation.name);
  await recordOnce(services, event, found, expected);
  if (expected) {
    return;
  }
  const what = `${NAMES[key]} ${DONE[eventName] ?? 'was changed'}`;
  telemetry.measure(METRICS.installationKeyEvent, 1);
  telemetry.event('installation-key.event', { key, region, eventId, eventName, isNamed, what });
  if (isNamed && (await installationKeys.restore(keyArn))) {
    telemetry.event('installation-key.restored', { key, region, eventId });
  }
}

function recordOnce(
  services: KeyEventServices,
  event: KeyEvent,
  { purpose: key, isNamed }: OwnKey,
  expected: boolean,
): Promise<null> {
  const { eventId, eventName, eventTime: at, region, actorArn: caller } = event;
  return writeDecision(services, async () => {
    const { ledger } = services;
    if ((await ledger.get('key-event', INSTALLATION_CHAIN, eventId)) !== undefined) {
      return { changes: [], result: null };
    }
    const entry = await installationChanges(services, {
      actor: ACTOR,
      action: `installation-key.${eventName}`,
      details: { eventId, key, isNamed, region, caller, at, expected },
    });
    const seen = { kind: 'key-event', chainId: INSTALLATION_CHAIN, eventId, expected } as const;
    return { changes: [...entry, { record: seen, expect: 'absent' }], result: null };
  });
}
