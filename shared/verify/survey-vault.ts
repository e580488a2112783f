import { COPY_NAMES, type CopyName, type PerCopy } from '../domain/copy-name.ts';
import {
  type ChooseObject,
  chanceOf,
  ReadRotation,
  type RotatedObject,
  unreadDays,
} from '../domain/read-rotation.ts';
import type { Services } from '../ports/services.ts';
import { listVaultObjects, type VaultObject } from './list-vault-objects.ts';
import { readingOf } from './record-reading.ts';

/** One copy of an object, as the ledger knows it. */
export interface ObjectCopy extends RotatedObject {
  readonly versionId: string;
  /** It was not what had been written when it was read last. */
  readonly isDamaged: boolean;
}

/** What there is to read of a vault. */
export interface VaultSurvey {
  readonly vaultId: string;
  readonly choose: PerCopy<ChooseObject>;
  /** Bytes of the share in both copies. */
  readonly shareBytes: number;
  /** The longest time any byte was not read. */
  readonly oldestDays: number;
}

/** @returns one copy of an object; `null` when it is not in this copy yet. */
export function objectCopy(
  { stored, writtenAt, reading }: VaultObject,
  copy: CopyName,
): ObjectCopy | null {
  const versionId: string | null = stored.versions[copy];
  if (versionId === null) {
    return null;
  }
  const last = readingOf(reading?.record, copy, versionId);
  const verifiedAt = last?.verifiedAt ?? null;
  return {
    versionId,
    size: stored.size,
    writtenAt,
    verifiedAt: verifiedAt === null ? null : new Date(verifiedAt),
    isDamaged: (last?.problem ?? null) !== null,
  };
}

/**
 * Looks through all objects of a vault and decides what the share of the day is. Damaged objects
 * are no part of it: they are read every day until they are repaired.
 *
 * @throws HoldfastError `LEDGER_UNAVAILABLE`.
 */
export async function surveyVault(
  services: Pick<Services, 'ledger' | 'clock'>,
  vaultId: string,
): Promise<VaultSurvey> {
  const now = services.clock.now();
  const rotations = { primary: new ReadRotation(now), secondary: new ReadRotation(now) };
  let oldestDays = 0;
  for await (const object of listVaultObjects(services, vaultId)) {
    for (const copy of COPY_NAMES) {
      const one = objectCopy(object, copy);
      oldestDays = Math.max(oldestDays, one === null ? 0 : unreadDays(one, now));
      if (one !== null && !one.isDamaged) {
        rotations[copy].add(one);
      }
    }
  }
  // The same chance for both copies: what is read of one is read of the other on the same day.
  const chance = chanceOf(`${vaultId} ${now.toISOString()}`);
  const { primary, secondary } = rotations;
  return {
    vaultId,
    choose: { primary: primary.share(chance), secondary: secondary.share(chance) },
    shareBytes: primary.shareBytes + secondary.shareBytes,
    oldestDays,
  };
}
