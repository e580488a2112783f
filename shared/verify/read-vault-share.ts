import { COPY_NAMES, type CopyName, inBothCopies, type PerCopy } from '../domain/copy-name.ts';
import { isFault } from '../domain/errors.ts';
import { unreadDays } from '../domain/read-rotation.ts';
import type { CopyCoverage } from '../domain/verification-records.ts';
import type { Services } from '../ports/services.ts';
import { listVaultObjects, type VaultObject } from './list-vault-objects.ts';
import { type HasTime, type ReadOutcome, readWhole } from './read-whole.ts';
import { recordReading } from './record-reading.ts';
import type { SilentCopies } from './silent-copies.ts';
import { type ObjectCopy, objectCopy, type VaultSurvey } from './survey-vault.ts';

type ShareServices = Pick<Services, 'ledger' | 'clock' | 'copies' | 'telemetry'>;

/** What the run of a day has in common for all vaults. */
export interface ShareRun {
  readonly services: ShareServices;
  readonly hasTime: HasTime;
  readonly silent: SilentCopies;
}

/** What was read of one vault, and what was not. */
export interface VaultShare {
  /** Copies of objects that were read and whole, and their bytes. */
  objects: number;
  verifiedBytes: number;
  /** Bytes of the share that were not read: the time was over, or the copy did not answer. */
  behindBytes: number;
  /** Copies of objects that are not what was written. */
  damaged: number;
  /** The longest time any byte is unread now. */
  oldestDays: number;
}

/** @returns nothing read yet. */
export function emptyShare(): VaultShare {
  return { objects: 0, verifiedBytes: 0, behindBytes: 0, damaged: 0, oldestDays: 0 };
}

/**
 * Reads the share of one vault, object by object, and records each reading and then how much of
 * the vault is verified.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function readVaultShare(run: ShareRun, survey: VaultSurvey): Promise<VaultShare> {
  const share = emptyShare();
  const coverage = { primary: new CoverageCount(), secondary: new CoverageCount() };
  for await (const object of listVaultObjects(run.services, survey.vaultId)) {
    const copies = await inBothCopies((copy) => readCopy(run, survey, copy, object, share));
    await record(run, survey.vaultId, object, copies);
    for (const copy of COPY_NAMES) {
      const now = run.services.clock.now();
      const left = copies[copy] && afterReading(copies[copy], now);
      if (left) {
        coverage[copy].add(left);
        share.damaged += left.isDamaged ? 1 : 0;
        share.oldestDays = Math.max(share.oldestDays, unreadDays(left, now));
      }
    }
  }
  await recordCoverage(run.services, survey.vaultId, coverage);
  return share;
}

/** One copy of an object and what reading it has shown; `null` when it was not its turn. */
interface Read {
  readonly one: ObjectCopy;
  readonly outcome: ReadOutcome | null;
}

async function readCopy(
  { services, hasTime, silent }: ShareRun,
  { choose }: VaultSurvey,
  copy: CopyName,
  object: VaultObject,
  share: VaultShare,
): Promise<Read | null> {
  const one = objectCopy(object, copy);
  if (one === null || !(one.isDamaged || choose[copy](one))) {
    return one && { one, outcome: null };
  }
  const outcome: ReadOutcome =
    hasTime() && !silent.has(copy)
      ? await readWhole(services, copy, object.stored, one.versionId, hasTime)
      : { found: 'out-of-time' };
  silent.note(copy, outcome);
  if (outcome.found === 'whole') {
    share.objects += 1;
    share.verifiedBytes += one.size;
  } else if (outcome.found !== 'damaged') {
    share.behindBytes += one.size;
  }
  return { one, outcome };
}

async function record(
  { services }: ShareRun,
  vaultId: string,
  { stored: { key }, reading }: VaultObject,
  copies: PerCopy<Read | null>,
): Promise<void> {
  let before = reading;
  for (const copy of COPY_NAMES) {
    const { one, outcome } = copies[copy] ?? {};
    if (one !== undefined && (outcome?.found === 'whole' || outcome?.found === 'damaged')) {
      const { versionId } = one;
      const object = { vaultId, key, copy, versionId };
      try {
        before = await recordReading(services, 'holdfast:verify-share', object, outcome, before);
      } catch (error) {
        // Someone else has read and recorded the same object at the same moment.
        if (!isFault(error, 'LEDGER_CONFLICT')) {
          throw error;
        }
        return;
      }
    }
  }
}

function afterReading({ one, outcome }: Read, now: Date): ObjectCopy {
  switch (outcome?.found) {
    case 'whole':
      return { ...one, verifiedAt: now, isDamaged: false };
    case 'damaged':
      return { ...one, isDamaged: true };
    default:
      return one;
  }
}

/** How much of one copy of a vault was ever read, and since when. */
class CoverageCount {
  #bytes = 0;
  #verifiedBytes = 0;
  #since: Date | null = null;
  #damaged = 0;

  add({ size, verifiedAt, isDamaged }: ObjectCopy): void {
    this.#bytes += size;
    if (isDamaged) {
      this.#damaged += 1;
    } else if (verifiedAt !== null) {
      this.#verifiedBytes += size;
      this.#since = this.#since === null || verifiedAt < this.#since ? verifiedAt : this.#since;
    }
  }

  result(): CopyCoverage {
    return {
      bytes: this.#bytes,
      verifiedBytes: this.#verifiedBytes,
      since: this.#since?.toISOString() ?? null,
      damaged: this.#damaged,
    };
  }
}

async function recordCoverage(
  { ledger, clock }: ShareServices,
  vaultId: string,
  { primary, secondary }: PerCopy<CoverageCount>,
): Promise<void> {
  const before = await ledger.get('coverage', vaultId);
  const copies = { primary: primary.result(), secondary: secondary.result() };
  const record = { kind: 'coverage', vaultId, at: clock.now().toISOString(), copies } as const;
  try {
    await ledger.write([{ record, expect: before?.version ?? 'absent' }]);
  } catch (error) {
    // Another run of the same day was faster, and says the same.
    if (!isFault(error, 'LEDGER_CONFLICT')) {
      throw error;
    }
  }
}
