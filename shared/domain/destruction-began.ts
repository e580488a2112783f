import type { DestructionEvidence, Erasure } from './erasure-records.ts';

/**
 * From when on nothing can stop an erasure: Holdfast has begun to delete the keys, or a service has
 * destroyed both.
 * @returns `null` as long as one of the keys can still be saved.
 */
export function destructionBegan({ state, destroyingAt, evidence }: Erasure): string | null {
  if (state !== 'DESTROYING' && state !== 'DESTROYED') {
    return null;
  }
  const known = [evidence.primary, evidence.secondary].flatMap((found) => found ?? []).map(timeOf);
  return destroyingAt ?? known.toSorted().at(-1) ?? null;
}

function timeOf(found: DestructionEvidence): string {
  return found.kind === 'event' ? found.eventTime : found.observedAt;
}
