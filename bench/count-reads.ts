import type { Services } from '../shared/ports/services.ts';

/** Counts which objects are opened from now on. @returns the counts, by kind. */
export function countReads({ copies }: Pick<Services, 'copies'>): Record<string, number> {
  const reads: Record<string, number> = { seals: 0, manifests: 0, packs: 0 };
  for (const copy of Object.values(copies)) {
    const read = copy.read.bind(copy);
    copy.read = (key, versionId, ...rest) => {
      const kind = key.includes('/packs/')
        ? 'packs'
        : key.endsWith('.json')
          ? 'seals'
          : 'manifests';
      reads[kind] = (reads[kind] ?? 0) + 1;
      return read(key, versionId, ...rest);
    };
  }
  return reads;
}
