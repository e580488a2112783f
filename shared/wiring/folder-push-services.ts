import { systemClock } from '../aws/system-clock.ts';
import { ulidIds } from '../aws/ulid-ids.ts';
import type { Installation } from '../ports/services.ts';
import type { PushServices } from '../push/write-push.ts';
import { folderRestoreServices } from './folder-restore-services.ts';

/**
 * What a push of a folder writes with: the copies and the keys, with the credentials of the caller,
 * and ids of this machine's own making.
 * @param installation - as the admin API answers it.
 */
export function folderPushServices(installation: Installation): PushServices {
  return { ...folderRestoreServices(installation), ids: ulidIds(systemClock) };
}
