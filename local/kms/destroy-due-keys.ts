import type { KmsParts } from './kms-call.ts';
import { keyDestroyedEvent } from './trail-event.ts';

/**
 * Destroys every key whose deletion date is reached, the earliest first: its material is
 * overwritten, the key with its aliases and tags is removed, and a `DeleteKey` event dated with the
 * deletion date is recorded, all in one transaction. Then the write-ahead log, which may still
 * hold the material, is written back and emptied.
 *
 * @returns how many keys were destroyed.
 */
export function destroyDueKeys(parts: KmsParts, now: Date): number {
  const { store, outbox, accountId } = parts;
  const due = store.listDue(now.getTime());
  if (due.length === 0) return 0;
  store.transact(() => {
    for (const key of due) {
      store
        .sql('UPDATE keys SET material = zeroblob(length(material)) WHERE key_id = ?')
        .run(key.keyId);
      store.sql('DELETE FROM keys WHERE key_id = ?').run(key.keyId);
      const at = new Date(key.deletionDate ?? now.getTime());
      outbox.record(keyDestroyedEvent(key, accountId, at));
    }
  });
  store.emptyLog();
  return due.length;
}
