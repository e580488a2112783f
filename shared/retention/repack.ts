import type { KeptRanges } from '../domain/kept-ranges.ts';
import { MAX_LEDGER_WRITES } from '../domain/limits.ts';
import { daysAfter } from '../domain/lock.ts';
import type { Pack, Vault } from '../domain/records.ts';
import { newUpkeep } from '../domain/retention-records.ts';
import type { Ledger, Stored } from '../ports/ledger.ts';
import type { Services } from '../ports/services.ts';
import { writeDecision } from '../registry/write-decision.ts';
import { changePacks } from './change-packs.ts';

/** A pack of which less than this part is needed is not worth its storage. */
const LEAST_LIVE_SHARE = 0.5;

/**
 * Part of what a vault needs that one run reads again at most: when all packs of a first backup
 * become due on one day, ten runs share them.
 */
const MOST_SHARE = 0.1;

/** Most packs named to a run: they stand in one ledger record, 400 KB at most. */
const MOST_PACKS = 1_000;

/** @returns the packs whose records the next run of a vault is to read from the source again. */
export async function packsToRepack(ledger: Ledger, vaultId: string): Promise<ReadonlySet<string>> {
  const upkeep = await ledger.get('upkeep', vaultId);
  return new Set(upkeep?.record.repack);
}

/**
 * Looks for packs of the last snapshot that hold too much that is not needed: live records under
 * half, or records that no kept snapshot has needed for longer than the policy lets them linger.
 * What was lost from a pack first was needed by the snapshots before that; when none of those is
 * left, it has expired. The old pack goes with the last snapshot that names it.
 *
 * @param left - the snapshots that have not expired.
 * @param lingerDays - `null`: the vault is under a hold, and nothing is written anew.
 * @throws HoldfastError `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function planRepack(
  services: Pick<Services, 'clock' | 'ledger'>,
  { vaultId, state }: Pick<Vault, 'vaultId' | 'state'>,
  left: KeptRanges,
  lingerDays: number | null,
): Promise<void> {
  if (state !== 'ACTIVE' || lingerDays === null) {
    await record(services, vaultId, []);
    return;
  }
  const { ledger, clock } = services;
  const now = clock.now();
  const expiredSince = now.toISOString();
  const fresh: Stored<'pack'>[] = [];
  const due: { packId: string; liveBytes: number }[] = [];
  let liveBytes = 0;
  const markFresh = async (): Promise<void> => {
    await changePacks(ledger, fresh.splice(0), (pack) =>
      pack.life === null || !hasExpired(pack, left)
        ? pack
        : { ...pack, life: { ...pack.life, expiredSince } },
    );
  };
  for await (const stored of ledger.list('pack', { vaultId })) {
    const { life, droppedBy, packId } = stored.record;
    if (life === null || droppedBy !== null) {
      continue;
    }
    liveBytes += life.liveBytes;
    if (life.expiredSince === null && hasExpired(stored.record, left)) {
      fresh.push(stored);
    }
    if (isWorn(life, lingerDays, now)) {
      due.push({ packId, liveBytes: life.liveBytes });
    }
    if (fresh.length === MAX_LEDGER_WRITES) {
      await markFresh();
    }
  }
  await markFresh();
  await record(services, vaultId, chosen(due, liveBytes * MOST_SHARE));
}

function hasExpired({ snapshotId, life }: Pack, left: KeptRanges): boolean {
  const wornBy = life?.wornBy ?? null;
  return wornBy !== null && left.keepingOf({ snapshotId, droppedBy: wornBy }) === null;
}

function isWorn(life: NonNullable<Pack['life']>, lingerDays: number, now: Date): boolean {
  const { bytes, liveBytes, expiredSince } = life;
  const lingers = expiredSince !== null && daysAfter(new Date(expiredSince), lingerDays) < now;
  return liveBytes < bytes * LEAST_LIVE_SHARE || lingers;
}

/** The oldest first, one at least. */
function chosen(
  due: readonly { readonly packId: string; readonly liveBytes: number }[],
  mostBytes: number,
): string[] {
  const packIds: string[] = [];
  let bytes = 0;
  for (const { packId, liveBytes } of due) {
    bytes += liveBytes;
    if (packIds.length > 0 && (bytes > mostBytes || packIds.length === MOST_PACKS)) {
      break;
    }
    packIds.push(packId);
  }
  return packIds;
}

async function record(
  services: Pick<Services, 'ledger'>,
  vaultId: string,
  repack: readonly string[],
): Promise<void> {
  await writeDecision(services, async () => {
    const stored = await services.ledger.get('upkeep', vaultId);
    const before = stored?.record ?? newUpkeep(vaultId);
    const isSame = before.repack.join() === repack.join();
    const change = {
      record: { ...before, repack },
      expect: stored?.version ?? ('absent' as const),
    };
    return { changes: isSame ? [] : [change], result: undefined };
  });
}
