import { expect, test } from 'vitest';
import { rebuildLedger } from '../../shared/rebuild/rebuild-ledger.ts';
import { sweepCopies } from '../../shared/retention/sweep-copies.ts';
import { livingInstallation, OPERATOR, registeredVault } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';
import { backUpDaily } from '../support/retained-vault.ts';
import { listedKeys } from '../support/swept-vault.ts';

const always = (): boolean => true;

const told = ({ telemetry }: MemoryServices) =>
  telemetry.measures.findLast(({ metric }) => metric === 'UnknownVaults')?.value;

test('a vault that a ledger was rolled back behind is told of until it is back', async () => {
  const living = livingInstallation();
  const known = await registeredVault(living, { policyId: 'consent-only' });
  await backUpDaily(living, known, 1);
  const ledger = living.ledger.copy();
  const lost = await registeredVault(living, { reference: 'A-2', policyId: 'consent-only' });
  await backUpDaily(living, lost, 1);
  living.copies.secondary.overwrite('vaults/somebody/notes.txt', Buffer.from('not of ours'));
  await sweepCopies(living.services, always);
  expect(told(living)).toBe(0);

  const world = { ...living, ledger, services: { ...living.services, ledger } };
  const keys = await listedKeys(world);
  await sweepCopies(world.services, always);
  expect(told(living)).toBe(1);
  expect(living.telemetry.eventsNamed('vault.unknown')).toEqual([{ vaultId: lost.vaultId }]);
  expect(await listedKeys(world)).toEqual(keys);

  await rebuildLedger(world.services, OPERATOR, { from: 'secondary', dryRun: false });
  await sweepCopies(world.services, always);
  expect(told(living)).toBe(0);
});

test('a copy that cannot be asked for its vaults keeps no vault from its sweep', async () => {
  const { services, copies, telemetry } = livingInstallation();
  copies.primary.available = false;
  await expect(sweepCopies(services, always)).rejects.toMatchObject({ code: 'COPY_UNAVAILABLE' });
  expect(telemetry.measures.map(({ metric }) => metric)).toContain('SweptBytes');
});
