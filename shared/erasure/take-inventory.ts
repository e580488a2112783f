import { createHash } from 'node:crypto';
import type { Inventory } from '../domain/erasure-records.ts';
import type { StoredObject } from '../domain/records.ts';
import type { Ledger } from '../ports/ledger.ts';
import { snapshotObjects } from '../snapshot/written-parts.ts';

/**
 * Lists what the ledger knows of a vault's objects, in constant memory and without any key. The
 * digest is the SHA-256
 * over one line for each object, ascending by key in UTF-8: key, version id in the primary and in
 * the secondary copy (`-` for none) and SHA-256, with tabs between and a line feed at the end.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function takeInventory(ledger: Ledger, vaultId: string): Promise<Inventory> {
  const digest = createHash('sha256');
  const found = { snapshots: 0, packs: 0, objects: 0, bytes: 0 };
  let latest: string | null = null;
  let firstAt: string | null = null;
  let lastAt: string | null = null;
  const add = (object: StoredObject, lockedUntil: string): void => {
    digest.update(lineOf(object));
    found.objects += 1;
    found.bytes += object.size;
    latest = latest === null || lockedUntil > latest ? lockedUntil : latest;
  };
  // Ids ascend in both lists, and "packs" comes before "snapshots": keys ascend as well.
  for await (const { record } of ledger.list('pack', { vaultId })) {
    found.packs += 1;
    add(record, record.lockedUntil);
  }
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    found.snapshots += 1;
    firstAt ??= record.createdAt;
    lastAt = record.createdAt;
    for (const object of await snapshotObjects({ ledger }, record)) {
      add(object, record.lockedUntil);
    }
  }
  return { ...found, firstAt, lastAt, digest: digest.digest('hex'), ciphertextUntil: latest };
}

function lineOf({ key, versions, sha256 }: StoredObject): string {
  return `${key}\t${versions.primary ?? '-'}\t${versions.secondary ?? '-'}\t${sha256}\n`;
}
