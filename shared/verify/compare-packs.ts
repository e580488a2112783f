import { createHash } from 'node:crypto';
import type { CopyName } from '../domain/copy-name.ts';
import { isRecord, type ManifestRecord } from '../format/manifest-record.ts';
import { damaged } from '../format/origin.ts';
import { readPack } from '../format/pack-reader.ts';
import type { Services } from '../ports/services.ts';
import { CopyChoice } from '../snapshot/copy-choice.ts';
import { openStored } from '../snapshot/snapshot-access.ts';
import { type ManifestSurvey, readManifestPart } from './read-manifests.ts';
import type { HasTime } from './read-whole.ts';
import type { VerifiedPack, VerifiedSnapshot } from './verified-snapshot.ts';

/** The time of an invocation is over in the middle of a pack. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** What the manifest says of the records of one pack, by the names they have in it. */
type Wanted = Map<string, Pick<ManifestRecord, 'size' | 'sha256'>>;

/** Records looked for at once: about 100 MB. Each batch reads the manifest once more. */
const BATCH_RECORDS = 250_000;

/** @returns consecutive packs whose records fit into memory together; at least one. */
export function nextBatch(
  packs: readonly VerifiedPack[],
  { recordsByPack }: ManifestSurvey,
): readonly VerifiedPack[] {
  let records = 0;
  const end = packs.findIndex(({ packId }, index) => {
    records += recordsByPack.get(packId) ?? 0;
    return index > 0 && records > BATCH_RECORDS;
  });
  return end < 0 ? packs : packs.slice(0, end);
}

/** @returns what the manifest says of each of these packs, as far as it can be read. */
export async function wantedFrom(
  services: Pick<Services, 'copies' | 'custody'>,
  snapshot: VerifiedSnapshot,
  { readableFrom }: ManifestSurvey,
  packs: readonly VerifiedPack[],
): Promise<ReadonlyMap<string, Wanted>> {
  const wanted = new Map<string, Wanted>(packs.map(({ packId }) => [packId, new Map()]));
  for (const [index, manifest] of snapshot.manifests.entries()) {
    const from = readableFrom[index] ?? null;
    if (from === null) {
      continue;
    }
    for await (const lines of readManifestPart(services, snapshot, manifest, from)) {
      for (const { pack, entry, path, size, sha256 } of lines.filter(isRecord)) {
        wanted.get(pack)?.set(entry ?? path, { size, sha256 });
      }
    }
  }
  return wanted;
}

/**
 * Reads a pack from one copy to its end: ciphertext against the seal, every frame, the archive, and
 * each wanted record against the manifest.
 *
 * @param wanted - is empty afterwards.
 * @returns the number of records found to be what the manifest names.
 * @throws HoldfastError `OBJECT_DAMAGED`, and as `openStored` does; `OutOfTime`.
 */
export async function comparePack(
  services: Pick<Services, 'copies' | 'custody'>,
  { vaultId, keys }: VerifiedSnapshot,
  copy: CopyName,
  pack: VerifiedPack,
  wanted: Wanted,
  hasTime: HasTime,
): Promise<number> {
  const access = { services, keys, choice: new CopyChoice(copy) };
  const origin = { copy, object: pack.key };
  // A pack keeps the name of the snapshot whose run wrote it (format.md 3.5).
  const { packId, snapshotId } = pack;
  const identity = { vaultId, snapshotId, object: `pack/${packId}` } as const;
  const plaintext = openStored(access, copy, pack, identity);
  let [records, altered] = [0, 0];
  for await (const { name, pieces } of readPack(plaintext, origin)) {
    const named = wanted.get(name);
    const found = await measure(pieces(), hasTime);
    if (named !== undefined) {
      wanted.delete(name);
      const isSame = found.size === named.size && found.sha256 === named.sha256;
      records += isSame ? 1 : 0;
      altered += isSame ? 0 : 1;
    }
  }
  if (altered > 0) {
    throw damaged(origin, 'incomplete: a record in it is not the one that the manifest names');
  }
  if (wanted.size > 0) {
    throw damaged(origin, 'incomplete: a record that the manifest names is not in it');
  }
  return records;
}

async function measure(
  pieces: AsyncIterable<Buffer>,
  hasTime: HasTime,
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of pieces) {
    if (!hasTime()) {
      throw new OutOfTime('The time of this invocation is over.');
    }
    hash.update(piece);
    size += piece.length;
  }
  return { size, sha256: hash.digest('hex') };
}
