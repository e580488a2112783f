import { METRICS } from '../config/metric-names.ts';
import type { Services } from '../ports/services.ts';
import { emptyShare, readVaultShare, type ShareRun, type VaultShare } from './read-vault-share.ts';
import type { HasTime } from './read-whole.ts';
import { SilentCopies } from './silent-copies.ts';
import { surveyVault, type VaultSurvey } from './survey-vault.ts';

/** Vaults looked at side by side: a small one costs a few round trips and hardly any bytes. */
const VAULTS_AT_ONCE = 8;

/** What the run of a day has done. A type alias: it is logged as it is. */
export type ShareSummary = {
  readonly vaults: number;
  readonly objects: number;
  readonly verifiedBytes: number;
  /** Bytes that should have been read and were not. */
  readonly behindBytes: number;
  readonly damaged: number;
  /** The longest time any byte is unread; `null` when not every vault could be looked at. */
  readonly oldestDays: number | null;
};

/**
 * Reads the daily share of both copies of every vault, so that each byte is read within
 * `READ_WITHIN_DAYS`. Its course:
 *
 * 1. look through what the ledger knows of every vault
 * 2. read the shares, beginning with the vault that has waited longest
 * 3. report `VerifiedBytes`, and `UnverifiedDays` unless a vault is unknown: then its silence rings
 *
 * Ciphertext of a vault that waits for its erasure is read like any other; that of an erased one
 * is nobody's any more.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function verifyShare(
  services: ShareRun['services'],
  hasTime: HasTime,
): Promise<ShareSummary> {
  const { surveys, isComplete } = await surveyAll(services, hasTime);
  surveys.sort((a, b) => b.oldestDays - a.oldestDays);
  const run: ShareRun = { services, hasTime, silent: new SilentCopies() };
  const total = emptyShare();
  await sideBySide(surveys, async (survey) => {
    add(total, hasTime() ? await readVaultShare(run, survey) : notRead(survey));
  });
  const { oldestDays, ...counts } = total;
  services.telemetry.measure(METRICS.verifiedBytes, total.verifiedBytes);
  if (isComplete) {
    services.telemetry.measure(METRICS.unverifiedDays, oldestDays);
  }
  return { vaults: surveys.length, ...counts, oldestDays: isComplete ? oldestDays : null };
}

async function surveyAll(
  services: Pick<Services, 'ledger' | 'clock'>,
  hasTime: HasTime,
): Promise<{ surveys: VaultSurvey[]; isComplete: boolean }> {
  const surveys: VaultSurvey[] = [];
  let isComplete = true;
  await sideBySide(listVaultIds(services), async (vaultId) => {
    if (hasTime()) {
      surveys.push(await surveyVault(services, vaultId));
    } else {
      isComplete = false;
    }
  });
  return { surveys, isComplete };
}

async function* listVaultIds({ ledger }: Pick<Services, 'ledger'>): AsyncGenerator<string> {
  for await (const client of ledger.list('client', null)) {
    const { clientId } = client.record;
    for await (const { record } of ledger.list('vault', { clientId })) {
      if (record.state !== 'ERASED') {
        yield record.vaultId;
      }
    }
  }
}

/** Works through items, several at once. @throws the first failure, when all at work have ended. */
async function sideBySide<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const working = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  for await (const item of items) {
    const one = work(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => working.delete(one));
    working.add(one);
    if (working.size >= VAULTS_AT_ONCE) {
      await Promise.race(working);
    }
    if (failure !== undefined) {
      break;
    }
  }
  await Promise.all(working);
  if (failure !== undefined) {
    throw failure.error;
  }
}

function notRead({ shareBytes, oldestDays }: VaultSurvey): VaultShare {
  return { ...emptyShare(), behindBytes: shareBytes, oldestDays };
}

function add(total: VaultShare, share: VaultShare): void {
  total.objects += share.objects;
  total.verifiedBytes += share.verifiedBytes;
  total.behindBytes += share.behindBytes;
  total.damaged += share.damaged;
  total.oldestDays = Math.max(total.oldestDays, share.oldestDays);
}
