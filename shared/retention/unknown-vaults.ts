import { METRICS } from '../config/metric-names.ts';
import { COPY_NAMES } from '../domain/copy-name.ts';
import { isId } from '../domain/ids.ts';
import { VAULTS_PREFIX, vaultOfFolder } from '../format/object-keys.ts';
import type { Services } from '../ports/services.ts';
import { everyVault } from '../registry/every-vault.ts';

type WalkingServices = Pick<Services, 'copies' | 'ledger' | 'telemetry'>;

/**
 * Looks for vaults that lie in a copy and that the ledger does not have, as after it was rolled
 * back to before their registration: no pass over all vaults comes by them, their locks run out and
 * nobody is told. Reports the gauge `UnknownVaults`, and one event for each. The copies are listed
 * first, so that a vault which is registered meanwhile is not taken for one.
 *
 * @returns how many there are.
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `LEDGER_UNAVAILABLE`.
 */
export async function tellUnknownVaults(services: WalkingServices): Promise<number> {
  const { copies, ledger, telemetry } = services;
  const unknown = new Set<string>();
  for (const copy of COPY_NAMES) {
    for await (const folder of copies[copy].listFolders(VAULTS_PREFIX)) {
      // Under any other name lies nothing of Holdfast's, and the name may say whose it is.
      const name = vaultOfFolder(folder);
      if (isId(name)) {
        unknown.add(name);
      }
    }
  }
  for await (const { vaultId } of everyVault({ ledger })) {
    unknown.delete(vaultId);
  }
  for (const vaultId of unknown) {
    telemetry.event('vault.unknown', { vaultId });
  }
  telemetry.measure(METRICS.unknownVaults, unknown.size);
  return unknown.size;
}
