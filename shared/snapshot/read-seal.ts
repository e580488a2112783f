import type { CopyName } from '../domain/copy-name.ts';
import type { StoredObject } from '../domain/records.ts';
import { parseSeal, type Seal } from '../format/seal.ts';
import { verifiedBytes } from '../format/verified-bytes.ts';
import type { Services } from '../ports/services.ts';
import type { CopyChoice } from './copy-choice.ts';
import { versionIn } from './find-version.ts';

/** Which snapshot, and where its seal lies. */
export interface SealLocation {
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly seal: StoredObject;
}

/** A seal is plain: reading it needs no key. */
export interface SealAccess {
  readonly services: Pick<Services, 'copies'>;
  readonly choice: CopyChoice;
}

/**
 * Reads a snapshot's seal; its bytes are compared with their SHA-256 before they are looked at
 * (format.md 5.3).
 *
 * @throws HoldfastError `OBJECT_MISSING`, `OBJECT_DAMAGED`, `COPY_UNAVAILABLE`, `COPY_DENIED`:
 * that of the last copy tried.
 */
export async function readSeal(access: SealAccess, location: SealLocation): Promise<Seal> {
  const order = access.choice.order();
  for (const copy of order) {
    try {
      return await readSealOf(access, location, copy);
    } catch (error) {
      access.choice.passOver(copy, order, error);
    }
  }
  throw new Error('A choice of copies is never empty.');
}

async function readSealOf(
  access: SealAccess,
  location: SealLocation,
  copy: CopyName,
): Promise<Seal> {
  const { key } = location.seal;
  const origin = { copy, object: key };
  const from = access.services.copies[copy];
  const stream = await from.read(key, await versionIn(from, location.seal));
  const chunks: Buffer[] = [];
  for await (const chunk of verifiedBytes(stream, location.seal, origin)) {
    chunks.push(chunk);
  }
  return parseSeal(Buffer.concat(chunks), location, origin);
}
