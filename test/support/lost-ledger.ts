import type { RebuildPage } from '../../shared/admin-api/rebuild-answers.ts';
import type { CopyName } from '../../shared/domain/copy-name.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { backUp, sourceOf } from './backed-up-vault.ts';
import { holdingInstallation } from './holding-world.ts';
import { OPERATOR, registeredVault } from './living-installation.ts';
import { MemoryLedger } from './memory-ledger.ts';
import type { MemoryServices } from './memory-services.ts';

/** A vault with two snapshots: one record stayed, one came, one changed. */
export async function vaultOfTwoSnapshots() {
  const world = holdingInstallation();
  const vault = await registeredVault(world, { policyId: 'engagement-10y' });
  const source = sourceOf(world, vault);
  source.put('stays.txt', 'first');
  source.put('changes.txt', 'before');
  const first = await backUp(world, vault);
  source.put('changes.txt', 'after');
  source.put('comes.txt', 'new');
  const second = await backUp(world, vault);
  return { world, vault, first, second };
}

/** The same copies and keys, and a ledger that knows nothing. */
export function withoutLedger(world: MemoryServices): MemoryServices {
  const ledger = new MemoryLedger();
  return { ...world, ledger, services: { ...world.services, ledger } };
}

/** Rebuilds a ledger from one copy, as far as one answer of the API goes. */
export async function rebuild(
  { services }: MemoryServices,
  from: CopyName,
  dryRun = false,
): Promise<RebuildPage> {
  return rebuildLedger(services, OPERATOR, { from, dryRun });
}

/** Every look at the clock takes longer than an answer may. */
export function hurriedClock({ clock }: MemoryServices): Clock {
  let minutes = 0;
  return {
    now: () => {
      minutes += 1;
      return new Date(clock.now().getTime() + minutes * 60_000);
    },
  };
}
