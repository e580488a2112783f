import { describe, expect, test } from 'vitest';
import type { Vault } from '../../shared/domain/records.ts';
import { placeHold } from '../../shared/holds/place-hold.ts';
import { listSnapshots } from '../../shared/queries/show-snapshot.ts';
import { backUp, sourceOf } from '../support/backed-up-vault.ts';
import { erasedVault } from '../support/certified-erasure.ts';
import { closableVault, closed } from '../support/closing-world.ts';
import { LAWSUIT } from '../support/holding-world.ts';
import { livingInstallation, OPERATOR } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

async function kept({ services }: MemoryServices, { vaultId }: Pick<Vault, 'vaultId'>) {
  const { snapshots } = await listSnapshots(services, vaultId);
  return snapshots.map((snapshot) => snapshot.kept);
}

describe('a listed snapshot tells what really keeps it', () => {
  test('its own end, and after that being the last one', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    const until = snapshot.retainUntil;
    expect(await kept(world, vault)).toEqual([{ by: 'end', until, holds: 0 }]);
    await world.clock.moveTo(new Date(until));
    expect(await kept(world, vault)).toEqual([{ by: 'last', until: null, holds: 0 }]);
    sourceOf(world, vault).put('b.txt', 'second');
    await backUp(world, vault);
    expect((await kept(world, vault))[1]).toEqual({ by: 'nothing', until, holds: 0 });
  });

  test('the end of a closed vault, and not its own, for the final one', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await closed(world, snapshot, 'retain');
    const until = '2036-11-01T16:00:00.000Z';
    expect(await kept(world, vault)).toEqual([{ by: 'final', until, holds: 0 }]);
  });

  test('a hold, whatever its own end is; one of another snapshot keeps that alone', async () => {
    const { world, vault, snapshot } = await closableVault('engagement-10y');
    await placeHold(world.services, OPERATOR, vault.vaultId, LAWSUIT);
    const { snapshotId } = snapshot;
    await placeHold(world.services, OPERATOR, vault.vaultId, { ...LAWSUIT, snapshotId });
    sourceOf(world, vault).put('b.txt', 'second');
    await backUp(world, vault);
    await world.clock.moveTo(new Date(snapshot.retainUntil));
    expect(await kept(world, vault)).toEqual([
      { by: 'hold', until: null, holds: 1 },
      { by: 'hold', until: null, holds: 2 },
    ]);
  });

  test('nothing once its keys are destroyed', async () => {
    const living = livingInstallation();
    const { vault, erasure } = await erasedVault(living);
    expect(erasure.state).toBe('ERASED');
    const until = erasure.endedAt;
    expect(await kept(living, vault)).toEqual([{ by: 'erased', until, holds: 0 }]);
  });
});
