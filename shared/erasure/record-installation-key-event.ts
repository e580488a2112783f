import { METRICS } from '../config/metric-names.ts';
import type { KeyPurpose } from '../ports/installation-keys.ts';
import type { Services } from '../ports/services.ts';
import { isInstallationRepair, type KeyEvent } from './key-event.ts';

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
 * Heeds one key event of a key that no vault has. Nothing of Holdfast ever ends the installation's
 * own keys, so whatever happens to them is somebody's doing: it raises the metric
 * `InstallationKeyEvent`, and what can be undone is undone, whatever the event says: a key that is
 * off is enabled again. A changed policy stays, for a deployment changes it in the same way.
 *
 * Keys that are not the installation's are ignored. May be repeated.
 *
 * @throws HoldfastError `KEYS_UNAVAILABLE`, `KEYS_UNUSABLE`: deliver the event again.
 */
export async function recordInstallationKeyEvent(
  services: Pick<Services, 'installationKeys' | 'installation' | 'telemetry'>,
  event: KeyEvent,
): Promise<void> {
  const { installationKeys, installation, telemetry } = services;
  const { eventId, eventName, region, keyArn } = event;
  if (isInstallationRepair(event, installation.name)) {
    return;
  }
  const purpose = await installationKeys.purposeOf(keyArn);
  if (purpose === null) {
    return;
  }
  const what = `${NAMES[purpose]} ${DONE[eventName] ?? 'was changed'}`;
  telemetry.measure(METRICS.installationKeyEvent, 1);
  telemetry.event('installation-key.event', { key: purpose, region, eventId, eventName, what });
  if (await installationKeys.restore(keyArn)) {
    telemetry.event('installation-key.restored', { key: purpose, region, eventId });
  }
}
