import { requestBackup } from '../../shared/backup/request-backup.ts';
import { runBackup } from '../../shared/backup/run-backup.ts';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import type { Snapshot, StoredObject, Vault } from '../../shared/domain/records.ts';
import type { ManifestPart } from '../../shared/domain/run-records.ts';
import { requireS3Source } from '../../shared/domain/vault-source.ts';
import { planFor } from '../../shared/restore/restore-plan.ts';
import { restoreSnapshot } from '../../shared/restore/restore-snapshot.ts';
import { writtenParts } from '../../shared/snapshot/written-parts.ts';
import { OPERATOR } from './living-installation.ts';
import type { MemoryServices } from './memory-services.ts';
import type { MemorySource } from './memory-source.ts';
import { MemoryTarget } from './memory-target.ts';

/** @returns the vault's source. */
export function sourceOf(world: MemoryServices, vault: Vault): MemorySource {
  return world.sourceAt(requireS3Source(vault), vault.vaultId);
}

/** Requests a backup and runs it. */
export async function backUp({ services }: MemoryServices, vault: Vault): Promise<Snapshot> {
  return runBackup(services, await requestBackup(services, OPERATOR, vault.vaultId));
}

/** Restores a snapshot into an empty target. @returns text by path. */
export async function restoredFrom(
  { services }: MemoryServices,
  vault: Vault,
  snapshot: Snapshot,
  from: CopyName | 'any',
  patterns: readonly string[] = [],
): Promise<Record<string, string>> {
  const target = new MemoryTarget();
  const wish = { patterns, from, target, overwrite: false };
  await restoreSnapshot(services, planFor(vault, snapshot), wish);
  return textsOf(target);
}

/** @returns what lies in a target: text by path. */
export function textsOf(target: MemoryTarget): Record<string, string> {
  return Object.fromEntries(
    [...target.files].map(([path, { bytes }]) => [path, bytes.toString('utf8')]),
  );
}

/** @returns an object's bytes as one copy has them. */
export async function bytesIn(
  { copies }: MemoryServices,
  copy: CopyName,
  { key, versions }: Pick<StoredObject, 'key' | 'versions'>,
): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(await copies[copy].read(key, versions[copy] ?? '')));
}

/** @returns the manifest parts the ledger knows of a snapshot. */
export async function partsOf(
  { services }: MemoryServices,
  snapshot: Pick<Snapshot, 'vaultId' | 'snapshotId'>,
): Promise<ManifestPart[]> {
  return writtenParts(services, snapshot);
}

/** @returns the packs the ledger knows of a vault. */
export async function packsOf({ ledger }: MemoryServices, vault: Vault): Promise<StoredObject[]> {
  const packs = await Array.fromAsync(ledger.list('pack', { vaultId: vault.vaultId }));
  return packs.map(({ record }) => record);
}
