import { listObjects } from '../shared/aws/list-s3-objects.ts';
import { type BackupTool, bytesBelow } from './backup-tool.ts';
import type { EmbeddedAws } from './embedded-aws-process.ts';
import type { EngineAnswer } from './engine-jobs.ts';
import { clientsOf, INSTALLATION } from './installation.ts';
import { restoreByCommand } from './restore-command.ts';
import { makeVault, runEngine } from './run-engine.ts';
import type { ProcessCost } from './run-process.ts';

/** Holdfast's engine, with what it tells beyond the cost of its process. */
export interface HoldfastTool extends BackupTool {
  readonly name: 'holdfast';
  push(folder: string): Promise<EngineAnswer & ProcessCost>;
  /** @returns how many packs and manifests one copy holds. */
  encryptedObjects(): Promise<number>;
  /** Restores one record of what was pushed last, and tells what is read for it. */
  restoreOne(folder: string, path: string): Promise<EngineAnswer & ProcessCost>;
}

/**
 * Holdfast's engine with a folder as its source, and two copies, and its command for restores.
 * @param reference - of the client it registers.
 * @param home - a folder for the command's cache.
 */
export function holdfastTool(
  aws: EmbeddedAws,
  reference: string,
  home: string,
  profileDirectory: string | null,
): HoldfastTool {
  let vaultId = '';
  let snapshotId = '';
  return {
    name: 'holdfast',
    async prepare() {
      vaultId = await makeVault(aws, `${reference}/`, 'folder');
    },
    async push(path) {
      const source = { kind: 'folder', path } as const;
      const answer = await runEngine(aws, { kind: 'backup', vaultId, source }, profileDirectory);
      snapshotId = answer.snapshotId ?? '';
      return answer;
    },
    restore: (folder) => restoreByCommand(aws, vaultId, folder, home, profileDirectory),
    restoreOne: (folder, path) =>
      runEngine(aws, {
        kind: 'restore',
        vaultId,
        snapshotId,
        patterns: [path],
        target: { kind: 'folder', path: folder },
      }),
    async encryptedObjects() {
      const client = clientsOf(aws.endpoint).s3(INSTALLATION.regions.primary);
      const prefix = `vaults/${vaultId}/`;
      const listed = listObjects(client, INSTALLATION.buckets.primary, prefix);
      const objects = (await Array.fromAsync(listed)).flat();
      return objects.filter(({ path }) => !path.endsWith('.json')).length;
    },
    storedBytes: () =>
      bytesBelow(clientsOf(aws.endpoint), INSTALLATION.buckets.primary, `vaults/${vaultId}/`),
  };
}
