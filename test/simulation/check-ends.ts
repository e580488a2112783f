import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { isInForce } from '../../shared/domain/hold-records.ts';
import { certificateKey, tombstoneKey, vaultPrefix } from '../../shared/format/object-keys.ts';
import { Violation } from './check-copies.ts';
import type { Figures } from './figures.ts';
import type { SimulatedVault } from './simulated-vault.ts';
import type { SimulatedWorld } from './simulated-world.ts';

/** The ledger has exactly the holds that people have placed and not released. */
export async function checkHolds(world: SimulatedWorld, vault: SimulatedVault): Promise<void> {
  const { vaultId } = vault;
  const stored = await Array.fromAsync(world.ledger().list('hold', { vaultId }));
  const inForce = stored.filter(({ record }) => isInForce(record));
  const [known, placed] = [inForce.map(({ record }) => record), vault.holds].map((holds) =>
    holds
      .map(({ holdId }) => holdId)
      .toSorted()
      .join(),
  );
  if (known !== placed) {
    throw new Violation(`vault ${vaultId} has the holds ${known} in place of ${placed}`);
  }
}

/**
 * Looks at what became of the vaults that were closed or erased. Of one whose keys are gone nothing
 * may be left but its tombstone, and its certificate must be in both copies.
 *
 * @throws Violation when the keys of a vault are gone and anything of that is missing.
 */
export async function endsOf(
  world: SimulatedWorld,
  vaults: readonly SimulatedVault[],
): Promise<Pick<Figures, 'closed' | 'erasures' | 'erased' | 'certified'>> {
  const ends = { closed: 0, erasures: 0, erased: 0, certified: 0 };
  for (const { vaultId, stage } of vaults) {
    const stored = await world.ledger().get('vault', vaultId);
    ends.closed += stored?.record.closing ? 1 : 0;
    ends.erasures += stage === 'erasing' || stage === 'erased' ? 1 : 0;
    if (stage === 'erased') {
      await requireErased(world, vaultId);
      ends.erased += 1;
      await requireCertified(world, vaultId);
      ends.certified += 1;
    }
  }
  return ends;
}

async function requireErased(world: SimulatedWorld, vaultId: string): Promise<void> {
  const state = (await world.ledger().get('vault', vaultId))?.record.state;
  if (state !== 'ERASED') {
    throw new Violation(`the keys of vault ${vaultId} are gone, and it is ${state}`);
  }
  for (const copy of COPY_NAMES) {
    const left = await keysIn(world, copy, vaultPrefix(vaultId));
    if (left.join() !== tombstoneKey(vaultId)) {
      throw new Violation(`of erased vault ${vaultId} there is in ${copy}: ${left.join()}`);
    }
  }
}

async function requireCertified(world: SimulatedWorld, vaultId: string): Promise<void> {
  const certificates = await Array.fromAsync(world.ledger().list('certificate', { vaultId }));
  const issued = certificates.filter(({ record }) => record.issuedAt !== null);
  const statements = issued.map(({ record }) => record.statement).toSorted();
  if (statements.join() !== 'ciphertext-removed,keys-destroyed') {
    throw new Violation(`of erased vault ${vaultId} is certified: ${statements.join()}`);
  }
  for (const { record } of issued) {
    const key = certificateKey(record.certificateId);
    for (const copy of COPY_NAMES) {
      if ((await keysIn(world, copy, key)).length === 0) {
        throw new Violation(`${key} is not in ${copy}`);
      }
    }
  }
}

async function keysIn(
  { memory }: SimulatedWorld,
  copy: 'primary' | 'secondary',
  prefix: string,
): Promise<string[]> {
  const keys = await Array.fromAsync(memory.copies[copy].list(prefix), ({ key }) => key);
  return [...new Set(keys)];
}
