import { COPY_NAMES, type CopyName } from '../domain/copy-name.ts';
import type { DestructionEvidence, Erasure } from '../domain/erasure-records.ts';
import type { Vault } from '../domain/records.ts';
import { requireErasureTransition } from '../domain/states.ts';

/**
 * Adds what shows that a key is destroyed. Only with evidence from both Regions is the erasure
 * `DESTROYED`; what is no longer to be kept is no longer restricted either.
 */
export function withEvidence(
  vault: Vault,
  erasure: Erasure,
  found: Partial<Record<CopyName, DestructionEvidence>>,
): { vault: Vault; erasure: Erasure } {
  const evidence = { ...erasure.evidence, ...found };
  const isComplete = COPY_NAMES.every((copy) => evidence[copy] !== null);
  if (!isComplete || erasure.state === 'DESTROYED') {
    return { vault, erasure: { ...erasure, evidence } };
  }
  requireErasureTransition(erasure.erasureId, erasure.state, 'DESTROYED');
  const state = vault.state === 'RESTRICTED' ? 'ERASE_PENDING' : vault.state;
  return { vault: { ...vault, state }, erasure: { ...erasure, evidence, state: 'DESTROYED' } };
}
