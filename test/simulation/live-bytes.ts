import type { SimulatedVault } from './simulated-vault.ts';

/**
 * Ciphertext bytes that the kept snapshots of a vault need in one copy: their manifests and seals
 * as a whole, and of each pack the part that their records are of all records in it.
 */
export function liveBytes({ births, packed }: SimulatedVault): number {
  const live = new Map<string, Map<string, number>>();
  const sizes = new Map<string, number>();
  let bytes = 0;
  for (const { seal, objects, placed, content } of births) {
    for (const { packId, size } of seal.packs) {
      sizes.set(packId, size);
    }
    for (const { path, pack, size } of placed) {
      const records = live.get(pack) ?? new Map<string, number>();
      live.set(pack, records.set(`${path} ${content.get(path)}`, size));
    }
    const own = objects.slice(seal.packs.length);
    bytes += own.reduce((sum, { size }) => sum + size, 0);
  }
  for (const [pack, records] of live) {
    const needed = [...records.values()].reduce((sum, size) => sum + size, 0);
    bytes += ((sizes.get(pack) ?? 0) * needed) / (packed.get(pack) ?? needed);
  }
  return bytes;
}
