import { inBothCopies } from '../domain/copy-name.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';

/** Name under which it writes into the audit chain. */
const ACTOR = 'holdfast:restore-key-policies';

/**
 * Gives both keys of a vault the policy again that they are to have. It neither uses nor switches a
 * key, so it does not get into the way of an erasure.
 *
 * @returns how many had another one.
 * @throws HoldfastError `VAULT_UNKNOWN`, `KEYS_UNAVAILABLE`; `KEYS_UNUSABLE` when a key's present
 * policy does not let it be replaced: then only the account's root user can.
 */
export async function restoreKeyPolicies(
  services: Pick<Services, 'ledger' | 'clock' | 'custody'>,
  vaultId: string,
): Promise<number> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const restored = await inBothCopies((copy) => services.custody.restorePolicy(vault.keys[copy]));
  const { primary, secondary } = restored;
  if (primary || secondary) {
    await changeVault(services, vaultId, async (present) => ({
      vault: present,
      actor: ACTOR,
      action: 'key-policy.restored',
      details: { primary, secondary },
      also: [],
      result: null,
    }));
  }
  return Number(primary) + Number(secondary);
}
