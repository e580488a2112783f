import { COPY_NAMES, type CopyName } from '../domain/copy-name.ts';
import type { Erasure } from '../domain/erasure-records.ts';
import { tierOf } from '../domain/key-tier.ts';
import type { Vault } from '../domain/records.ts';
import type { Ledger } from '../ports/ledger.ts';

const HOUR_MS = 3_600_000;

/** CloudTrail delivers within minutes, and EventBridge repeats; after so long it does not come. */
const ARRIVES_WITHIN_HOURS = 6;

/** What was lost earlier says nothing about whether events arrive now. */
const TELLS_FOR_HOURS = 72;

/**
 * Every erasure shows whether events of keys arrive at all: the erasing function disables both
 * keys, and CloudTrail must tell so in both Regions. Looks for that in the vault's audit chain,
 * for some days from hours after the suspension on.
 *
 * @returns the copies of whose key no event came since the approval.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function missingKeyEvents(
  ledger: Ledger,
  vault: Vault,
  { suspendedAt, approvedAt }: Erasure,
  now: Date,
): Promise<readonly CopyName[]> {
  const hours = suspendedAt === null ? 0 : (now.getTime() - Date.parse(suspendedAt)) / HOUR_MS;
  const tells = hours >= ARRIVES_WITHIN_HOURS && hours < TELLS_FOR_HOURS;
  // No event tells of an entry of a key store.
  if (!tells || approvedAt === null || tierOf(vault.keys) === 'shared-root') {
    return [];
  }
  const arrived = await eventsSince(ledger, vault, approvedAt);
  return COPY_NAMES.filter((copy) => !arrived.has(copy));
}

/** @returns the copies of whose keys an event was recorded. */
async function eventsSince(
  ledger: Ledger,
  { vaultId, audit }: Vault,
  since: string,
): Promise<ReadonlySet<unknown>> {
  const copies = new Set<unknown>();
  for (let sequence = audit.count; sequence > 0; sequence -= 1) {
    const entry = (await ledger.get('audit', vaultId, sequence))?.record;
    if (entry === undefined || entry.at < since) {
      break;
    }
    if (/^key\.[A-Z]/.test(entry.action)) {
      copies.add(entry.details.copy);
    }
  }
  return copies;
}
