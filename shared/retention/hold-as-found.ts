import { inBothCopies } from '../domain/copy-name.ts';
import type { Vault } from '../domain/records.ts';
import { LegalHoldAnswers } from '../holds/compare-legal-holds.ts';
import { type SettlingServices, settleLegalHolds } from '../holds/settle-legal-holds.ts';
import { snapshotsDue } from './sweep-vault.ts';

/** Name under which the sweep writes into the audit chain what nobody asked for. */
const ACTOR = 'holdfast:sweep-copies';

/**
 * Call it before a sweep: asks S3 whether a snapshot that is to expire is under a legal hold that
 * the ledger does not know of, as after the ledger was restored to an earlier time. Then the vault
 * is held again, and nothing of it expires. A hold covers the seal of each snapshot it covers, so
 * the seals alone are asked for, in both copies.
 *
 * @throws HoldfastError `COPY_UNAVAILABLE`, `COPY_DENIED`, `LEDGER_UNAVAILABLE`, `LEDGER_CONFLICT`.
 */
export async function holdAsFound(services: SettlingServices, vault: Vault): Promise<void> {
  const { due } = await snapshotsDue(services, vault);
  const answers = new LegalHoldAnswers(vault);
  for (const { seal } of due) {
    await inBothCopies(async (copy) => {
      const versionId = seal.versions[copy];
      const state = versionId && (await services.copies[copy].inspect(seal.key, versionId));
      if (state) {
        answers.add(copy, seal.key, { versionId, isOn: state.legalHold });
      }
    });
  }
  await settleLegalHolds(services, { actor: ACTOR, vaultId: vault.vaultId, answers });
}
