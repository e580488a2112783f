import { expect, test } from 'vitest';
import { requestErasureBody } from '../../shared/admin-api/messages.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { advanceDueErasures } from '../../shared/erasure/advance-erasure.ts';
import { backUp } from '../support/backed-up-vault.ts';
import { approved, erasureNow, keyStates } from '../support/erasing.ts';
import { livingInstallation, registeredVault, vaultNow } from '../support/living-installation.ts';
import { rebuild, withoutLedger } from '../support/lost-ledger.ts';

const ROOT = 'arn:aws:iam::111122223333:root';

/** The statutory period of the policy runs for years after that day. */
const LATELY = requestErasureBody.parse({ reason: 'asked', event: '2025-05-31' });

test('a restricted vault comes back with enabled keys, and is restricted anew', async () => {
  // Nobody is there to undo what is done to the keys of a vault that no ledger knows.
  const world = livingInstallation({ keyEvents: 'lost' });
  const vault = await registeredVault(world, { policyId: 'engagement-10y' });
  await backUp(world, vault);
  const restricted = await approved(world, vault, LATELY);
  await advanceDueErasures(world.services);
  expect((await vaultNow(world, vault.vaultId)).state).toBe('RESTRICTED');
  const { graceUntil } = await erasureNow(world, restricted);

  const lost = withoutLedger(world);
  expect((await rebuild(lost, 'primary')).vaults).toMatchObject([{ outcome: 'left-out' }]);
  for (const copy of COPY_NAMES) {
    await world.custody.enable(vault.keys[copy], ROOT);
  }
  expect((await rebuild(lost, 'primary')).vaults).toMatchObject([{ outcome: 'rebuilt' }]);
  expect((await vaultNow(lost, vault.vaultId)).state).toBe('CLOSED');

  const again = await approved(lost, vault, LATELY);
  await advanceDueErasures(lost.services);
  expect((await vaultNow(lost, vault.vaultId)).state).toBe('RESTRICTED');
  expect((await erasureNow(lost, again)).graceUntil).toBe(graceUntil);
  expect(await keyStates(lost, vault)).toEqual(['Disabled', 'Disabled']);
});
