import type { MemoryLedger } from './memory-ledger.ts';
import type { MemoryServices } from './memory-services.ts';

/** @returns the same installation over another ledger, such as one of an earlier time. */
export function withLedger(world: MemoryServices, ledger: MemoryLedger): MemoryServices {
  return { ...world, ledger, services: { ...world.services, ledger } };
}
