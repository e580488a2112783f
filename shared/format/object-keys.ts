/** Object names of one vault. They consist of ids and fixed words only: format.md 1.1, 1.3. */

/** Everything of a vault lies below this prefix. */
function vaultPrefix(vaultId: string): string {
  return `vaults/${vaultId}/`;
}

/** format.md 1.1 */
export function packKey(vaultId: string, packId: string): string {
  return `${vaultPrefix(vaultId)}packs/${packId}`;
}

/** format.md 1.1. Format 1 has one manifest per snapshot, number 0. */
export function manifestKey(vaultId: string, snapshotId: string): string {
  return `${vaultPrefix(vaultId)}snapshots/${snapshotId}/manifest-0`;
}

/** format.md 1.1 */
export function sealKey(vaultId: string, snapshotId: string): string {
  return `${vaultPrefix(vaultId)}snapshots/${snapshotId}/seal.json`;
}
