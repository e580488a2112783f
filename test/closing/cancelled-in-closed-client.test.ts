import { expect, test } from 'vitest';
import { closeClient } from '../../shared/closing/close-client.ts';
import { advanceDueErasures, advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import { closableVault, closed, EVENT } from '../support/closing-world.ts';
import { approved, cancelled } from '../support/erasing.ts';
import { OPERATOR, vaultNow } from '../support/living-installation.ts';
import type { MemoryServices } from '../support/memory-services.ts';

const close = ({ services }: MemoryServices, clientId: string) =>
  closeClient(services, OPERATOR, clientId, { event: EVENT });

test('a vault whose erasure is cancelled in a closed client takes no backups again', async () => {
  const { world, vault, snapshot } = await closableVault('consent-only');
  const erasure = await approved(world, vault);
  await close(world, vault.clientId);
  await cancelled(world, erasure);
  expect(await vaultNow(world, vault.vaultId)).toMatchObject({
    state: 'CLOSED',
    nextBackupAt: null,
    closing: null,
  });
  expect(await closed(world, snapshot, 'erase')).toMatchObject({
    state: 'CLOSED',
    closing: { disposition: 'erase' },
  });
});

test('of a client that is closed in the moment of the cancellation, one is first', async () => {
  const { world, vault } = await closableVault('consent-only');
  const erasure = await approved(world, vault);
  const { services, ledger } = world;
  world.pipeline.wire({ advanceErasure: async () => undefined });
  await cancelled(world, erasure);
  // The client is looked at by whoever closes it, just before the vault is active again.
  const closing = new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') {
        return member;
      }
      return (...args: unknown[]) =>
        name === 'write'
          ? advanceErasure(services, vault.vaultId).then(() => Reflect.apply(member, target, args))
          : Reflect.apply(member, target, args);
    },
  });
  const answer: unknown = await closeClient(
    { ...services, ledger: closing },
    OPERATOR,
    vault.clientId,
    {
      event: EVENT,
    },
  ).catch((error: unknown) => error);
  await advanceDueErasures(services);
  expect(answer).toMatchObject({ code: 'CLIENT_HAS_ACTIVE_VAULT' });
  expect((await vaultNow(world, vault.vaultId)).state).toBe('ACTIVE');
});
