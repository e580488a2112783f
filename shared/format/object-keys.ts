/** Object names of one vault. They consist of ids and fixed words only: format.md 1.1, 1.3. */

/** Everything of a vault lies below this prefix. */
export function vaultPrefix(vaultId: string): string {
  return `vaults/${vaultId}/`;
}

/** Where all vaults lie. */
export const VAULTS_PREFIX = 'vaults/';

/** @returns the vault of a folder right under `VAULTS_PREFIX`. */
export function vaultOfFolder(folder: string): string {
  return folder.slice(VAULTS_PREFIX.length, -1);
}

/** Where a vault's manifests and seals lie. */
export function snapshotsPrefix(vaultId: string): string {
  return `${vaultPrefix(vaultId)}snapshots/`;
}

/** @returns the snapshot that a key is the seal of; `undefined` when it is none. */
export function snapshotOfSeal(key: string): string | undefined {
  return /\/snapshots\/([0-9A-Z]{26})\/seal\.json$/.exec(key)?.[1];
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

/** format.md 8.5 */
export function tombstoneKey(vaultId: string): string {
  return `${vaultPrefix(vaultId)}tombstone.json`;
}

/** Start of the names of all certificates. */
export const CERTIFICATES = 'certificates/';

/** format.md 8.1 */
export function certificateKey(certificateId: string): string {
  return `${CERTIFICATES}${certificateId}.jws`;
}

/** Start of the names of all checkpoints; their dates follow. */
export const CHECKPOINTS = 'checkpoints/';

/** format.md 9.1. @param date - such as `2026-11-23`. */
export function checkpointKey(date: string): string {
  return `${CHECKPOINTS}${date}.json`;
}
