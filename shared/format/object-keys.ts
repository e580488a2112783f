/** Object names of one vault. They consist of ids and fixed words only: format.md 1.1, 1.3. */

/** Everything of a vault lies below this prefix. */
function vaultPrefix(vaultId: string): string {
  return `vaults/${vaultId}/`;
}

/** format.md 1.1 */
export function packKey(vaultId: string, packId: string): string {
  return `${vaultPrefix(vaultId)}packs/${packId}`;
}

/** format.md 1.1, 4.6. */
export function manifestKey(vaultId: string, snapshotId: string, part: number): string {
  return `${vaultPrefix(vaultId)}snapshots/${snapshotId}/manifest-${part}`;
}

/** @returns the number of a manifest's part by its name; NaN when it is no such name. */
export function manifestPart(key: string): number {
  return Number(/\/manifest-(\d+)$/.exec(key)?.[1] ?? Number.NaN);
}

/** format.md 1.1 */
export function sealKey(vaultId: string, snapshotId: string): string {
  return `${vaultPrefix(vaultId)}snapshots/${snapshotId}/seal.json`;
}
