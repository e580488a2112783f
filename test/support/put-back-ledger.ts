import { advanceErasure } from '../../shared/erasure/advance-erasure.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import type { MemoryServices } from './memory-services.ts';

/** @returns the same installation over another ledger, such as one of an earlier time. */
export function withLedger(world: MemoryServices, ledger: MemoryLedger): MemoryServices {
  return { ...world, ledger, services: { ...world.services, ledger } };
}

/** The same, and what the pipeline starts works with that ledger too. */
export function putBack(world: MemoryServices, ledger: MemoryLedger): MemoryServices {
  const back = withLedger(world, ledger);
  world.pipeline.wire({
    advanceErasure: (vaultId) => advanceErasure(back.services, vaultId),
    restoreKeys: (vaultId) => advanceErasure(back.services, vaultId, { restore: true }),
    restoreKeyPolicies: async () => {},
  });
  return back;
}
