import type { PerCopy } from '../domain/copy-name.ts';
import { type Hold, isInForce } from '../domain/hold-records.ts';
import { KeptRanges, type KeptSnapshot } from '../domain/kept-ranges.ts';
import type { Pack, Snapshot, StoredObject } from '../domain/records.ts';
import { compareUtf8 } from '../domain/utf8-order.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { snapshotObjects } from '../snapshot/written-parts.ts';

/** What S3's legal hold on one object is to be, and what the ledger has of it so far. */
export interface ObjectHold {
  readonly key: string;
  /** The version in each copy that is to be held; `null` for none. */
  readonly wanted: PerCopy<string | null>;
  readonly stored: Stored<'legal-hold'> | undefined;
}

const NONE = { primary: null, secondary: null } as const;

/**
 * Lists every object of a vault that is to be under S3's legal hold, or ever was, in ascending
 * order of their keys. An object that a copy does not have yet is held there once its repair has
 * put it there.
 *
 * @param holds - all that ever touched the vault.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function* listObjectHolds(
  services: Pick<Services, 'ledger'>,
  vaultId: string,
  holds: readonly Hold[],
): AsyncGenerator<ObjectHold> {
  const cover = await coverOf(services, vaultId, holds.filter(isInForce));
  const known = services.ledger.list('legal-hold', { vaultId })[Symbol.asyncIterator]();
  let next = await known.next();
  for await (const { key, versions, isCovered } of listObjects(services, vaultId, cover)) {
    const wanted = isCovered ? versions : NONE;
    while (!next.done && compareUtf8(next.value.record.key, key) < 0) {
      yield { key: next.value.record.key, wanted: NONE, stored: next.value };
      next = await known.next();
    }
    const isKnown = !next.done && next.value.record.key === key;
    yield { key, wanted, stored: isKnown ? next.value : undefined };
    next = isKnown ? await known.next() : next;
  }
  for (; !next.done; next = await known.next()) {
    yield { key: next.value.record.key, wanted: NONE, stored: next.value };
  }
}

/** Which packs and snapshots the holds in force cover. */
interface Cover {
  readonly pack: (pack: Pack) => boolean;
  readonly snapshot: (snapshot: Snapshot) => boolean;
}

/** What has expired before it was held is on its way out: its objects may be gone already. */
async function coverOf(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  inForce: readonly Hold[],
): Promise<Cover> {
  const isWhole = inForce.some(({ scope }) => scope.kind !== 'snapshot');
  const named = new Set(
    inForce.flatMap(({ scope }) => (scope.kind === 'snapshot' ? scope.snapshotId : [])),
  );
  const held: KeptSnapshot[] = [];
  if (inForce.length > 0) {
    for await (const { record } of ledger.list('snapshot', { vaultId })) {
      const { snapshotId, retainUntil, expiredAt } = record;
      if (expiredAt === null && (isWhole || named.has(snapshotId))) {
        held.push({ snapshotId, keeping: { promised: new Date(retainUntil), until: null } });
      }
    }
  }
  const ids = new Set(held.map(({ snapshotId }) => snapshotId));
  const ranges = new KeptRanges(held);
  return {
    pack: (pack) => ranges.firstNeeding(pack) !== null,
    snapshot: ({ snapshotId }) => ids.has(snapshotId),
  };
}

/** In order of keys: `packs/` comes before `snapshots/`, and ids ascend in both (format.md 1.1). */
async function* listObjects(
  { ledger }: Pick<Services, 'ledger'>,
  vaultId: string,
  cover: Cover,
): AsyncGenerator<StoredObject & { readonly isCovered: boolean }> {
  for await (const { record } of ledger.list('pack', { vaultId })) {
    yield { ...record, isCovered: cover.pack(record) };
  }
  for await (const { record } of ledger.list('snapshot', { vaultId })) {
    const isCovered = cover.snapshot(record);
    const objects = await snapshotObjects({ ledger }, record);
    yield* objects.map((object) => ({ ...object, isCovered }));
  }
}
