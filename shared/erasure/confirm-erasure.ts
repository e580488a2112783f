import { METRICS } from '../config/metric-names.ts';
import { COPY_NAMES, type CopyName, inBothCopies } from '../domain/copy-name.ts';
import type { DestructionEvidence, Erasure, ProbeResult } from '../domain/erasure-records.ts';
import { GONE_ANSWER, tierOfKey } from '../domain/key-tier.ts';
import type { Vault } from '../domain/records.ts';
import { requireErasureTransition, requireVaultTransition } from '../domain/states.ts';
import type { Services } from '../ports/services.ts';
import { changeVault } from '../registry/change-vault.ts';
import { requireVault } from '../registry/find-vault.ts';
import { type DuePass, passOverDue, requireNoFailure } from '../registry/pass-over-due.ts';
import { handOver } from '../registry/pass-over-vaults.ts';
import { findOpenErasure } from './find-erasure.ts';
import { takeInventory } from './take-inventory.ts';

type ConfirmingServices = Pick<Services, 'ledger' | 'clock' | 'custody' | 'telemetry'>;

/** Name under which the confirming function writes into the audit chain. */
const ACTOR = 'holdfast:confirm-erasures';

/** Vaults worked on side by side: most have nothing to confirm, and cost two reads. */
const VAULTS_AT_ONCE = 8;

/**
 * Closes an erasure whose keys are destroyed in both Regions: tries to open the vault's probe
 * ciphertexts in each Region, and makes the vault ERASED only when both answer that the key is
 * gone. Any other refusal is tried again by the next pass. What the keys had opened is listed then,
 * as it is about to be removed; that takes no key.
 *
 * This function may decrypt and must not destroy; `advanceErasure` may destroy and not decrypt.
 *
 * @returns the erasure when it is closed by that; `null` when there was nothing to close.
 * @throws HoldfastError `VAULT_UNKNOWN`, `KEYS_UNAVAILABLE`, `LEDGER_UNAVAILABLE`.
 */
export async function confirmErasure(
  services: ConfirmingServices,
  vaultId: string,
): Promise<Erasure | null> {
  const { record: vault } = await requireVault(services.ledger, vaultId);
  const open = await findOpenErasure(services.ledger, vault);
  if (open?.record.state !== 'DESTROYED') {
    return null;
  }
  const probes = await inBothCopies((copy) => probe(services, vault, copy));
  if (probes.primary.outcome === 'opened' || probes.secondary.outcome === 'opened') {
    services.telemetry.measure(METRICS.unexpectedKeyEvent, 1);
    services.telemetry.event('erasure.probe-opened', { vaultId });
    return null;
  }
  const isGone = (copy: CopyName) =>
    probes[copy].answer === GONE_ANSWER[tierOfKey(vault.keys[copy])];
  if (!COPY_NAMES.every(isGone)) {
    const { primary, secondary } = probes;
    const answers = { primary: primary.answer, secondary: secondary.answer };
    services.telemetry.event('erasure.probe-undecided', { vaultId, ...answers });
    return null;
  }
  const inventory = await takeInventory(services.ledger, vaultId);
  const erased = await close(services, vaultId, { probes, inventory });
  if (erased !== null) {
    services.telemetry.measure(METRICS.vaultErased, 1);
  }
  return erased;
}

/**
 * Confirms every erasure whose evidence is complete. One that fails does not stop the others, and
 * an invocation whose time is nearly over lets the next one do the rest.
 *
 * @returns how many vaults became ERASED.
 * @throws the first failure, after all were tried, unless the next invocation goes on; `PASS_STUCK`
 * when the time was over at once; `PIPELINE_UNAVAILABLE`, `LEDGER_UNAVAILABLE`.
 */
export async function confirmDueErasures(
  services: ConfirmingServices & Pick<Services, 'pipeline'>,
  pass: DuePass = {},
): Promise<number> {
  const end = await passOverDue(
    services,
    { work: 'erasure', failed: 'erasure.confirm-failed', atOnce: VAULTS_AT_ONCE, ...pass },
    async (vaultId) => (await confirmErasure(services, vaultId)) !== null,
  );
  const next = { name: 'confirming of erasures', after: pass.after, hasWorked: false };
  const goOn = (after: string) => services.pipeline.confirmErasures({ after });
  if (!(await handOver(end, next, goOn))) {
    requireNoFailure(end);
  }
  return end.count;
}

async function probe(
  { custody, clock }: ConfirmingServices,
  vault: Vault,
  copy: CopyName,
): Promise<ProbeResult> {
  const answer = await custody.probe(vault.keys, vault.probes, copy);
  return {
    at: clock.now().toISOString(),
    outcome: answer.outcome,
    answer: answer.outcome === 'refused' ? answer.answer : null,
  };
}

async function close(
  services: ConfirmingServices,
  vaultId: string,
  found: Pick<Erasure, 'probes' | 'inventory'>,
): Promise<Erasure | null> {
  return changeVault(services, vaultId, async (vault) => {
    const stored = await findOpenErasure(services.ledger, vault);
    if (stored?.record.state !== 'DESTROYED') {
      return null;
    }
    requireErasureTransition(stored.record.erasureId, stored.record.state, 'ERASED');
    requireVaultTransition(vaultId, vault.state, 'ERASED');
    const endedAt = services.clock.now().toISOString();
    const erasure: Erasure = { ...stored.record, ...found, state: 'ERASED', endedAt };
    return {
      vault: { ...vault, state: 'ERASED' },
      actor: ACTOR,
      action: 'erasure.erased',
      details: {
        erasureId: erasure.erasureId,
        primaryEvent: nameOf(erasure.evidence.primary),
        secondaryEvent: nameOf(erasure.evidence.secondary),
      },
      also: [{ record: erasure, expect: stored.version }],
      result: erasure,
    };
  });
}

/** @returns the id of the event; `absence` where none ever came. */
function nameOf(evidence: DestructionEvidence | null): string | null {
  return evidence?.kind === 'event' ? evidence.eventId : (evidence?.kind ?? null);
}
